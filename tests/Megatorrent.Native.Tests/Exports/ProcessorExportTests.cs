using System.Runtime.InteropServices;
using Megatorrent.Core.Erasure;

namespace Megatorrent.Native.Tests.Exports;

public sealed unsafe class ProcessorExportTests
{
    [Fact]
    public void TheLevelIsOneOfThree() =>
        Assert.Contains(Text("mt_processor_level"), new[] { "x86-64-v3", "x86-64-v4", "portable" });

    [Fact]
    public void TheKernelsAreThoseInUse()
    {
        string text = Text("mt_processor_kernels");
        Assert.Equal(["erasure", "cipher", "sha256"], text.Split(' ').Select(part => part.Split('=')[0]));
        Assert.StartsWith($"erasure={ReedSolomon.SupportedKernels[0].ToString().ToLowerInvariant()} ", text, StringComparison.Ordinal);
        Assert.Equal((nint)Call("mt_processor_kernels"), (nint)Call("mt_processor_kernels"));
    }

    private static byte* Call(string name) => ((delegate* unmanaged<byte*>)Export.Find(name))();

    private static string Text(string name) => Marshal.PtrToStringUTF8((nint)Call(name))!;
}
