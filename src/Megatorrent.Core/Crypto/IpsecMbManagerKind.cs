namespace Megatorrent.Core.Crypto;

/// <summary>What a manager of ipsec-mb is for; the numbers are those of the shim.</summary>
internal enum IpsecMbManagerKind : uint
{
    /// <summary>The widest instruction set that the processor has.</summary>
    Best = 0,

    /// <summary>SHA-256 two at a time through the processor's SHA instructions.</summary>
    ShaNi = 1,
}
