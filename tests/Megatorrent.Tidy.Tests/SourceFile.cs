using System.Text;

namespace Megatorrent.Tidy.Tests;

/// <summary>One C# file: its lines as written, and its code with comments and the contents of strings blanked out.</summary>
internal sealed class SourceFile
{
    private SourceFile(string path, string text)
    {
        Path = path;
        Lines = text.Split('\n');
        Code = Blank(text).Split('\n');
    }

    /// <summary>Path below the root, with forward slashes.</summary>
    public string Path { get; }

    /// <summary>The lines as written.</summary>
    public string[] Lines { get; }

    /// <summary>The same lines, with blanks for every character of a comment or inside a string.</summary>
    public string[] Code { get; }

    /// <summary>Reads a file of the checkout.</summary>
    public static SourceFile Read(string path) => new(path, File.ReadAllText(Repository.At(path)).ReplaceLineEndings("\n"));

    /// <summary>Takes a text for a file, to try the rules on it.</summary>
    public static SourceFile Of(string path, string text) => new(path, text);

    /// <summary>Every position in the code where <paramref name="pattern"/> occurs, as <c>path:line: text</c>.</summary>
    public IEnumerable<string> Find(System.Text.RegularExpressions.Regex pattern)
    {
        for (int i = 0; i < Code.Length; i++)
        {
            if (pattern.IsMatch(Code[i]))
                yield return $"{Path}:{i + 1}: {Lines[i].Trim()}";
        }
    }

    /// <summary>The text between the parentheses that open after each <paramref name="call"/>, with the line it begins on.</summary>
    public IEnumerable<(int Line, string Arguments)> FindCalls(string call)
    {
        string code = string.Join('\n', Code);
        for (int at = code.IndexOf(call + "(", StringComparison.Ordinal); at >= 0; at = code.IndexOf(call + "(", at + 1, StringComparison.Ordinal))
        {
            int start = at + call.Length + 1, depth = 1, end = start;
            for (; end < code.Length && depth > 0; end++)
                depth += code[end] is '(' or '[' or '{' ? 1 : code[end] is ')' or ']' or '}' ? -1 : 0;
            yield return (code.AsSpan(0, at).Count('\n') + 1, code[start..Math.Max(start, end - 1)]);
        }
    }

    private static string Blank(string text)
    {
        StringBuilder code = new(text.Length);
        int i = 0;
        while (i < text.Length)
        {
            int end = EndOfToken(text, i, out int open, out int close);
            code.Append(text, i, open);
            for (int inside = i + open; inside < end - close; inside++)
                code.Append(text[inside] == '\n' ? '\n' : ' ');
            code.Append(text, end - close, close);
            i = end;
        }

        return code.ToString();
    }

    /// <summary>
    /// The end of the comment, string, character or single character of code that begins at <paramref name="start"/>;
    /// <paramref name="open"/> and <paramref name="close"/> are how much of its beginning and end are code.
    /// </summary>
    private static int EndOfToken(string text, int start, out int open, out int close)
    {
        ReadOnlySpan<char> rest = text.AsSpan(start);
        (open, close) = (0, 0);
        if (rest.StartsWith("//"))
            return To(text.IndexOf('\n', start), 0);
        if (rest.StartsWith("/*"))
            return To(text.IndexOf("*/", start + 2, StringComparison.Ordinal), 2);

        (open, close) = (1, 1);
        int quotes = rest.Length - rest.TrimStart('"').Length;
        if (quotes >= 3)
        {
            (open, close) = (quotes, quotes);
            return To(text.IndexOf(new string('"', quotes), start + quotes, StringComparison.Ordinal), quotes);
        }

        bool verbatim = start > 0 && (text[start - 1] == '@' || (text[start - 1] == '$' && start > 1 && text[start - 2] == '@'));
        if (rest[0] == '"' && verbatim)
        {
            int end = start + 1;
            while (end < text.Length && (text[end] != '"' || (end + 1 < text.Length && text[end + 1] == '"')))
                end += text[end] == '"' ? 2 : 1;
            return Math.Min(text.Length, end + 1);
        }

        if (rest[0] is '"' or '\'')
        {
            int end = start + 1;
            while (end < text.Length && text[end] != rest[0] && text[end] != '\n')
                end += text[end] == '\\' ? 2 : 1;
            return Math.Min(text.Length, end + 1);
        }

        close = 0;
        return start + 1;

        int To(int found, int length) => found < 0 ? text.Length : found + length;
    }
}
