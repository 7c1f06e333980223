namespace Megatorrent.Fuzz.Targets;

/// <summary>A parser that a target calls. A test looks for parsers that no target covers.</summary>
/// <param name="type">The type that has it.</param>
/// <param name="methods">The names of its methods; none stands for every parser of the type.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
internal sealed class CoversAttribute(Type type, params string[] methods) : Attribute
{
    /// <summary>The type that has it.</summary>
    public Type Type => type;

    /// <summary>The names of its methods; none stands for every parser of the type.</summary>
    public IReadOnlyList<string> Methods => methods;
}
