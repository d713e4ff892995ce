"""Addresses of guided diagnosis, below a language prefix and `diagnose/`."""

from django.urls import path

from portal.views import diagnosis, diagnosis_run

app_name = "diagnosis"
urlpatterns = [
    path("", diagnosis.diagnoses, name="list"),
    path("run/", diagnosis.by_code, name="code"),
    path("run/<str:key>/", diagnosis_run.run, name="run"),
    path("run/<str:key>/<slug:node_key>/", diagnosis_run.step, name="step"),
    path("run/<str:key>/<slug:node_key>/solved/", diagnosis_run.solved, name="solved"),
    path("run/<str:key>/<slug:node_key>/onward/", diagnosis_run.onward, name="onward"),
    path("<slug:slug>/", diagnosis.start, name="start"),
]
