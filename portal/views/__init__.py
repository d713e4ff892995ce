"""Pages and partials that join several apps."""
