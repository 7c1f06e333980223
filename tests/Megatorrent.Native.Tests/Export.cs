using System.Reflection;
using System.Runtime.InteropServices;

namespace Megatorrent.Native.Tests;

/// <summary>The exports of the library as functions that C would call, in this process and without publishing it.</summary>
internal static class Export
{
    private static readonly Dictionary<string, MethodInfo> Methods = typeof(Status).Assembly.GetTypes()
        .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
        .Select(method => (Method: method, method.GetCustomAttribute<UnmanagedCallersOnlyAttribute>()?.EntryPoint))
        .Where(pair => pair.EntryPoint is not null)
        .ToDictionary(pair => pair.EntryPoint!, pair => pair.Method);

    /// <summary>The address of an export, to be cast to a function pointer that has its signature.</summary>
    public static nint Find(string entryPoint) => Methods[entryPoint].MethodHandle.GetFunctionPointer();

    /// <summary>The last error of this thread.</summary>
    public static string LastErrorText => System.Text.Encoding.UTF8.GetString(LastError.Text);
}
