"""The words on a run's pictures, in each language that they speak."""

from __future__ import annotations

from typing import Final

PICTURED_BY: Final = "demand-forecast: a series"
"""What the picture of a series says of its origin."""
TEXTS: Final[dict[str, dict[str, str]]] = {
    "en": {
        "actual": "actual",
        "band": "{share} % band",
        "forecast": "forecast",
        "demand": "demand (MW)",
        "seasonality": "seasonality",
        "residual": "residual",
        "components": "components beside a trend of {trend} MW",
        "local_time": "local time ({zone})",
        "forecast_title": "{region}: {hours} h from {begin} by {model}",
        "suspect": "suspect",
        "series_title": "{region}: hourly demand, as it was understood",
        "weekdays": "Monday to Friday",
        "weekends": "Saturday and Sunday",
        "usual_days": "usual days (median)",
        "champion": "champion",
        "challenger": "challenger",
        "reference": "operator's own",
        "on_its_hours": " (challenger there {error})",
        "evaluation_title": "{region}: day-ahead forecasts, the last 14 held-out days",
        "error_title": "error by hour of the day, all held-out days",
        "hour": "hour of the day ({zone})",
    },
    "ko": {
        "actual": "실제",
        "band": "{share} % 구간",
        "forecast": "예측",
        "demand": "수요 (MW)",
        "seasonality": "계절성",
        "residual": "잔차",
        "components": "추세 {trend} MW를 뺀 구성 요소",
        "local_time": "시각 ({zone})",
        "forecast_title": "{region}: {begin}부터 {hours}시간 예측, {model}",
        "suspect": "의심",
        "series_title": "{region}: 읽어 들인 시간별 수요",
        "weekdays": "월요일부터 금요일",
        "weekends": "토요일과 일요일",
        "usual_days": "평소의 하루 (중앙값)",
        "champion": "운영 모델",
        "challenger": "후보 모델",
        "reference": "계통 운영자 예측",
        "on_its_hours": " (같은 시간 후보 모델 {error})",
        "evaluation_title": "{region}: 하루 전 예측, 검증 기간의 마지막 14일",
        "error_title": "시각별 오차, 검증 기간 전체",
        "hour": "하루 중 시각 ({zone})",
    },
}
