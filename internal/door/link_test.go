package door_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/b24go/b24/internal/door"
)

const signed = "token=disk%7CaWQ9MQ%7CInNpZyI.x%3D"

func cloud() door.Site { return door.Site{Origin: "https://acme.bitrix24.com", Root: "/rest/"} }

func TestLinksThatAreAskedFor(t *testing.T) {
	t.Parallel()
	box := door.Site{Origin: "https://box.example:8443", Root: "/b24/rest/"}
	local := door.Site{Origin: "http://127.0.0.1:8080", Root: "/rest/"}
	for _, row := range []struct {
		site             door.Site
		link, want       string
		own, signed, key bool
	}{
		{cloud(), "https://acme.bitrix24.com/rest/1/secret/download/?" + signed, "", true, true, true},
		{cloud(), "https://acme.bitrix24.com/rest/download.json?auth=abc&" + signed, "", true, true, false},
		{cloud(), "https://acme.bitrix24.com/rest/download.json?" + signed, "", true, true, true},
		{cloud(), "https://acme.bitrix24.com/rest/download.json?" + signed + "&auth_connector=x", "", true, true, true},
		{cloud(), "https://ACME.bitrix24.com:443/rest/download.json?" + signed, "", true, true, true},
		{cloud(), "/rest/download.json?" + signed, "https://acme.bitrix24.com/rest/download.json?" + signed, true, true, true},
		{cloud(), "rest/download.json?" + signed, "https://acme.bitrix24.com/rest/download.json?" + signed, true, true, true},
		{cloud(), "http://acme.bitrix24.com/rest/download.json?" + signed, "https://acme.bitrix24.com/rest/download.json?" + signed, true, true, true},
		{cloud(), "https://acme.bitrix24.com/upload/main/a/photo.png", "", true, false, false},
		{cloud(), "https://acme.bitrix24.com/~pub1?&IFRAME=Y", "", true, false, false},
		{cloud(), "https://cdn.bitrix24.com/b1/x.png?X-Amz-Signature=abc", "", false, false, false},
		{cloud(), "//cdn.bitrix24.com/x.png", "https://cdn.bitrix24.com/x.png", false, false, false},
		{cloud(), "https://other.bitrix24.com/rest/1/secret/download/?" + signed, "", false, false, false}, // bare: no key goes there
		{cloud(), "https://acme.bitrix24.com.evil.example/rest/download.json?" + signed, "", false, false, false},
		{box, "https://box.example:8443/b24/rest/download.json?" + signed, "", true, true, true},
		{box, "https://box.example/b24/rest/download.json?" + signed, "", false, false, false}, // another port is another server
		{local, "http://127.0.0.1:8080/rest/1/s/download/?" + signed, "", true, true, true},
	} {
		if row.want == "" {
			row.want = row.link
		}
		l, problem := row.site.Resolve(row.link, nil)
		if !assert.Equal(t, door.Fine, problem, row.link) {
			continue
		}
		assert.Equal(t, row.want, l.URL.String())
		assert.Equal(t, []bool{row.own, row.signed, row.key}, []bool{l.Own, l.Signed, l.Key}, row.link)
	}
}

// The key must not go where users can lead it, however they spell the address.
func TestLinksThatAreRefused(t *testing.T) {
	t.Parallel()
	fillers := strings.Repeat("&a=1", 1000)
	for _, link := range []string{
		"https://acme.bitrix24.com/rest/crm.deal.delete?id=5",
		"https://acme.bitrix24.com/REST/crm.deal.delete?id=5",
		"https://acme.bitrix24.com//rest//crm.deal.delete?id=5",
		"https://acme.bitrix24.com/%72est/crm.deal.delete?id=5",
		"https://acme.bitrix24.com/rest%2Fcrm.deal.delete?id=5",
		"https://acme.bitrix24.com/x/../rest/crm.deal.delete?id=5",
		"https://acme.bitrix24.com/x/%2e%2e/rest/crm.deal.delete?id=5",
		"https://acme.bitrix24.com/rest/../rest/crm.deal.delete?id=5",
		"https://acme.bitrix24.com/rest",
		"/rest/catalog.product.download?fields%5BfieldName%5D=detailPicture&fields%5BfileId%5D=6505&fields%5BproductId%5D=1267",
		"https://acme.bitrix24.com/rest/crm.deal.delete?id=5&token=",
		"https://acme.bitrix24.com/rest/crm.deal.delete?id=5&token=x",
		"https://acme.bitrix24.com/rest/crm.deal.delete?id=5#" + signed,
		"https://acme.bitrix24.com/rest/crm.deal.delete?id=5&TOKEN=a%7Cb%7Cc",
		"https://acme.bitrix24.com/rest/crm.deal.delete?id=5&" + signed + "&" + signed,
		"https://acme.bitrix24.com/rest/crm.deal.delete?id=5;" + signed,
		"https://acme.bitrix24.com/bitrix/services/rest/index.php?method=crm.deal.delete",
		"/rest/crm.deal.delete?id=5", "rest/crm.deal.delete?id=5", "http://acme.bitrix24.com/rest/crm.deal.delete?id=5",
		"https://user@acme.bitrix24.com/rest/download.json?" + signed,
		"https://acme.bitrix24.com\\@evil.example/x", "http://cdn.example/x.png", "ftp://cdn.example/x", "file:///etc/passwd", "javascript:alert(1)",
		"https://10.0.0.1/x", "https://127.0.0.1/x", "https://[::1]/x", "https://8.8.8.8/x", "https://", "", " ", "mailto:a@b", "https://%zz/",
		"/bitrix/components/bitrix/crm.deal.show/show_file.php?auth=&ownerId=1", "https://acme.bitrix24.com/disk/downloadFile/5/",
		"https://acme.bitrix24.com/bitrix/services/main/ajax.php?action=disk.file.download",
	} {
		_, problem := cloud().Resolve(link, nil)
		assert.NotEqual(t, door.Fine, problem, link)
		for part := range strings.FieldsFuncSeq(link, func(r rune) bool { return strings.ContainsRune("/?&=:", r) }) {
			if len(part) > 12 && part != "acme.bitrix24.com" {
				assert.NotContains(t, string(problem), part)
			}
		}
	}
	// PHP drops what comes after a thousand parameters: the signature would be gone, the key there.
	l, problem := cloud().Resolve("https://acme.bitrix24.com/rest/crm.deal.delete?id=5"+fillers+"&"+signed, nil)
	assert.Equal(t, door.Fine, problem)
	assert.False(t, l.Key)
}

func TestHostsThatTheCallerNames(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"10.0.0.5", "10.0.0.5:9000"} {
		l, problem := cloud().Resolve("https://10.0.0.5:9000/bucket/x", []string{host})
		assert.Equal(t, door.Fine, problem)
		assert.True(t, l.Listed)
	}
	_, problem := cloud().Resolve("https://10.0.0.5:9001/bucket/x", []string{"10.0.0.5:9000"})
	assert.NotEqual(t, door.Fine, problem)
	_, problem = cloud().Resolve("http://files.example/x", []string{"files.example"})
	assert.NotEqual(t, door.Fine, problem, "never plain http")
	l, _ := cloud().Resolve("https://FILES.example./x", []string{"files.EXAMPLE"})
	assert.True(t, l.Listed)
}

func TestRedirectsGetNoKey(t *testing.T) {
	t.Parallel()
	from, _ := cloud().Resolve("/rest/download.json?"+signed, nil)
	l, problem := cloud().Follow(from, "/rest/other.json?"+signed, nil)
	assert.Equal(t, door.Fine, problem)
	assert.True(t, l.Signed)
	assert.False(t, l.Key)
	for _, to := range []string{"/rest/crm.deal.delete?id=5", "http://cdn.example/x", "https://10.0.0.1/x", "https://u:p@cdn.example/x", "gopher://x/"} {
		_, problem := cloud().Follow(from, to, nil)
		assert.NotEqual(t, door.Fine, problem, to)
	}
}

func TestUploadsStayOnThePortal(t *testing.T) {
	t.Parallel()
	for link, fine := range map[string]bool{
		"https://acme.bitrix24.com/rest/1/secret/upload/?" + signed: true,
		"/rest/upload.json?auth=x&" + signed:                        true,
		"https://acme.bitrix24.com/upload.php":                      false,
		"https://evil.example/rest/upload.json?" + signed:           false,
		"https://files.example/rest/upload.json?" + signed:          true,
		"http://files.example/rest/upload.json?" + signed:           false,
	} {
		_, problem := cloud().Upload(link, []string{"files.example"})
		assert.Equal(t, fine, problem == door.Fine, link)
	}
}

// Whatever an address looks like: the key goes to the portal's own origin only, with one signature and
// nothing else in the query.
func FuzzLink(f *testing.F) {
	for _, link := range []string{
		"https://acme.bitrix24.com/rest/download.json?" + signed, "/rest/x?" + signed, "//evil/rest/x?" + signed, "https:///x", "https://acme.bitrix24.com:443/rest/./x?" + signed,
		"https://acme.bitrix24.com@evil/rest/?" + signed, "https://acme.bitrix24.com%2eevil/rest/?" + signed, "\thttps://acme.bitrix24.com/", "https:/rest/x", "?" + signed, "#x", "..", "//::",
	} {
		f.Add(link, "/x")
	}
	f.Fuzz(func(t *testing.T, link, location string) {
		l, problem := cloud().Resolve(link, nil)
		if problem != door.Fine {
			return
		}
		check(t, l)
		if next, problem := cloud().Follow(l, location, nil); problem == door.Fine {
			check(t, next)
			assert.False(t, next.Key)
		}
		if up, problem := cloud().Upload(link, nil); problem == door.Fine {
			assert.True(t, up.Own && up.Signed)
		}
		_ = l.Secrets()
	})
}

func check(t *testing.T, l door.Link) {
	t.Helper()
	again, err := url.Parse(l.URL.String())
	if err != nil {
		t.Fatalf("it cannot be asked for: %v", err)
	}
	assert.Equal(t, "https", again.Scheme)
	assert.Nil(t, again.User)
	if l.Own {
		assert.Contains(t, []string{"acme.bitrix24.com", "acme.bitrix24.com:443", "acme.bitrix24.com.", "acme.bitrix24.com.:443"}, strings.ToLower(again.Host))
	}
	if l.Key {
		assert.True(t, l.Own && l.Signed)
		for name := range again.Query() {
			assert.Contains(t, []string{"token", "auth_connector"}, name)
		}
	}
}
