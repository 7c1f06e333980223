using Megatorrent.Cluster.Forecast;

namespace Megatorrent.Fuzz.Targets;

/// <summary>What a node keeps and answers of forecasts.</summary>
[Covers(typeof(ForecastState))]
[Covers(typeof(Decision))]
[Covers(typeof(RiskReply))]
internal sealed class ForecastTarget() : FormatsTarget(
    "forecast",
    new Format<ForecastState>(ForecastState.Decode, static value => value.Encode(), isCanonical: false),
    new Format<RiskReply>(RiskReply.Decode, static value => value.Encode(), isCanonical: false));
