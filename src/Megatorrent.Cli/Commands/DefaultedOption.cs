using System.CommandLine;

namespace Megatorrent.Cli.Commands;

/// <summary>
/// An option whose description says its default in the words of this program; the parser's own default would be shown a second time, and in
/// another spelling.
/// </summary>
/// <param name="name">The option, with its dashes.</param>
/// <param name="standard">The value where it is not given.</param>
internal sealed class DefaultedOption<T>(string name, T standard) : Option<T>(name)
{
    /// <summary>The value given, or the default.</summary>
    public T Of(ParseResult parse) => parse.GetResult(this) is null ? standard : parse.GetValue(this)!;
}
