namespace Megatorrent.Build.Bindings;

/// <summary>
/// One language binding: how the build tool compiles it, tests it, starts its suite (the program of <c>tests/abi/README.md</c>) and packs
/// it. Used from one thread; every member but <see cref="Missing"/> and <see cref="Language"/> needs <see cref="Missing"/> to be null.
/// A program that fails is a <see cref="BuildException"/>.
/// </summary>
internal interface IBinding
{
    /// <summary>The language as tables and <c>--language</c> spell it: <c>C</c>, <c>C++</c>, <c>Node</c> or <c>Java</c>.</summary>
    string Language { get; }

    /// <summary>Why the binding cannot be built on this machine (in half a sentence, without a full stop), or null when it can be.</summary>
    string? Missing { get; }

    /// <summary>Compiles the binding and its suite against the published library; cheap when nothing changed since the last call.</summary>
    void Build();

    /// <summary>Runs what the binding tests beyond the behaviours (its unit tests, examples, sanitizer runs); built before.</summary>
    /// <returns>What the tests counted.</returns>
    Tally Test();

    /// <summary>
    /// How the binding's suite is started: the program, its first arguments, to which those of <c>tests/abi/README.md</c>
    /// (<c>behaviours tests/vectors</c>, ...) are appended, and the environment it needs besides the one that the README names.
    /// The working directory is the root of the checkout.
    /// </summary>
    (string Program, string[] Arguments, (string Name, string Value)[] Environment) Suite { get; }

    /// <summary>Makes the packages of the binding in <c>artifacts/packages</c>, the same bytes for the same commit; built before.</summary>
    /// <returns>The full paths of the packages; empty when the binding is a part of the native package.</returns>
    IReadOnlyList<string> Package();
}
