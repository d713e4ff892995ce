"""What can be done with units and registrations. Each action checks, locks, writes, leaves a step and tells, in one transaction."""
