using Megatorrent.Client;
using Megatorrent.Native.Exports;

namespace Megatorrent.Native.Operations;

/// <summary>What an <c>mt_put_options_t</c> says.</summary>
/// <param name="Name">The object's name.</param>
/// <param name="Options">How to put it.</param>
/// <param name="Progress">Whom to tell; null for nobody.</param>
/// <param name="Result">What to fill in; null for nothing.</param>
internal sealed record PutArguments(string Name, PutOptions Options, NativeProgress? Progress, NativeTarget<ClientPutResult>? Result);
