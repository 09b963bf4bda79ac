// Which error is told: in percent, or in MW where demand passes zero and a percentage means nothing.

export function measureOf(rows, { texts, format }) {
  const percent = { name: "mape_percent", reference: "reference_mape_percent", label: texts.mape, unit: "%", digits: 1 };
  const megawatts = { name: "mae_mw", reference: "reference_mae_mw", label: texts.mae, unit: "MW", digits: 0 };
  return rows.every((row) => row.mape_percent !== null)
    ? { ...percent, write: (value) => format.percent(value) }
    : { ...megawatts, write: format.megawatts };
}
