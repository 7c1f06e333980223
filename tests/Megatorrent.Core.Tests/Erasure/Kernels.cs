using Megatorrent.Core.Erasure;

namespace Megatorrent.Core.Tests.Erasure;

/// <summary>The kernels under test by name: what this machine runs, and the loops of the others over emulated instructions.</summary>
public static class Kernels
{
    private const string EmulatedPrefix = "emulated ";

    public static TheoryData<string> All()
    {
        var names = new TheoryData<string>();
        foreach (KernelKind kind in ReedSolomon.SupportedKernels)
            names.Add(kind.ToString());
        names.Add(EmulatedPrefix + KernelKind.Avx512);
        names.Add(EmulatedPrefix + KernelKind.Gfni256);
        names.Add(EmulatedPrefix + KernelKind.Gfni512);
        return names;
    }

    /// <summary>Emulated kernels are some hundred times slower; tests that go far give them fewer cases.</summary>
    internal static bool IsEmulated(string name) => name.StartsWith(EmulatedPrefix, StringComparison.Ordinal);

    internal static GaloisKernel Find(string name)
    {
        if (IsEmulated(name))
        {
            return Enum.Parse<KernelKind>(name[EmulatedPrefix.Length..]) switch
            {
                KernelKind.Avx512 => Emulation.Shuffle512,
                KernelKind.Gfni256 => Emulation.Affine256,
                KernelKind.Gfni512 => Emulation.Affine512,
                _ => throw new ArgumentException($"There is no {name}.", nameof(name)),
            };
        }

        foreach (GaloisKernel kernel in GaloisField.SupportedKernels)
        {
            if (kernel.Kind.ToString() == name)
                return kernel;
        }

        throw new ArgumentException($"This machine does not run {name}.", nameof(name));
    }
}
