namespace Megatorrent.Build.Bindings;

/// <summary>The language bindings of this checkout.</summary>
internal static class AllBindings
{
    /// <summary>Every binding, in the order of tables.</summary>
    public static IBinding[] Of(Checkout checkout) =>
        [new CBinding(checkout), new CppBinding(checkout), new NodeBinding(checkout), new JavaBinding(checkout)];

    /// <summary>The binding of a language, whatever the case of its letters.</summary>
    /// <exception cref="BuildException">There is none.</exception>
    public static IBinding Find(IEnumerable<IBinding> bindings, string language) =>
        bindings.FirstOrDefault(binding => binding.Language.Equals(language, StringComparison.OrdinalIgnoreCase))
        ?? throw new BuildException(
            $"there is no binding for '{language}'; there are {string.Join(", ", bindings.Select(binding => binding.Language))}.", ExitCode.Usage);
}
