using Megatorrent.Core.Manifests;
using Megatorrent.Native.Exports;

namespace Megatorrent.Native.Operations;

/// <summary>The arguments of a verify or repair.</summary>
/// <param name="Client">The client.</param>
/// <param name="Capability">The object.</param>
/// <param name="Report">What to fill in.</param>
/// <param name="Progress">Whom to tell; null for nobody.</param>
internal sealed record CheckArguments<T>(ClientHolder Client, Capability Capability, NativeTarget<T> Report, NativeProgress? Progress)
    where T : unmanaged, INativeStruct;
