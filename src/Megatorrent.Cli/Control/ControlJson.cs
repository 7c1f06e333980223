using System.Text.Json.Serialization;
using Megatorrent.Cli.Json;

namespace Megatorrent.Cli.Control;

/// <summary>Serializers of what goes over a control socket: as <see cref="CliJson"/>, but a line each.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ControlRequest))]
[JsonSerializable(typeof(ControlAnswer))]
internal sealed partial class ControlJson : JsonSerializerContext;
