using Megatorrent.Core.Wire;

namespace Megatorrent.Core.Tests.Wire;

public class RoleTests
{
    [Fact]
    public void Numbers_and_texts_are_frozen()
    {
        Assert.Equal(
            [(1, "reader"), (2, "writer"), (3, "node"), (4, "admin")],
            Enum.GetValues<Role>().Select(role => ((int)role, role.ToText())));
        foreach (Role role in Enum.GetValues<Role>())
        {
            Assert.True(RoleExtensions.TryParse(role.ToText(), out Role read));
            Assert.Equal(role, read);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("Admin")]
    [InlineData("admin ")]
    [InlineData("0")]
    [InlineData("3")]
    public void Other_texts_are_no_roles(string text)
    {
        Assert.False(RoleExtensions.TryParse(text, out Role role));
        Assert.Equal(default, role);
        Assert.Throws<ArgumentOutOfRangeException>(() => role.ToText());
    }

    [Theory]
    [InlineData((Role)0, false, false, false, false)]
    [InlineData(Role.Reader, true, false, false, false)]
    [InlineData(Role.Writer, true, true, false, false)]
    [InlineData(Role.Node, true, true, true, false)]
    [InlineData(Role.Admin, true, true, true, true)]
    [InlineData((Role)5, false, false, false, false)]
    public void What_a_role_may_do(Role role, bool read, bool write, bool serve, bool administer)
    {
        Assert.Equal(read, role.MayRead());
        Assert.Equal(write, role.MayWrite());
        Assert.Equal(serve, role.MayServe());
        Assert.Equal(administer, role.MayAdminister());
    }
}
