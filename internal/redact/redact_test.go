package redact_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/b24go/b24/internal/redact"
)

func TestText(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		// the address of a webhook
		{"webhook", `Post "https://a.bitrix24.com/rest/1/s3cret/crm.deal.get": EOF`, `Post "https://a.bitrix24.com/rest/***/***/crm.deal.get": EOF`},
		{"webhook, REST 3.0", `https://a.b/rest/api/1/s3cret/tasks.task.get`, `https://a.b/rest/api/***/***/tasks.task.get`},
		{"webhook of a login", `https://a.b/rest/j.doe@x.org/s3cret/`, `https://a.b/rest/***/***/`},
		{"webhook of a login with a dot at the end", `https://a.b/rest/j.doe./s3cret/x`, `https://a.b/rest/***/***/x`},
		{"webhook, short secret", `https://a.b/rest/1/x/profile`, `https://a.b/rest/***/***/profile`},
		{"webhook, parts swapped", `https://a.b/rest/s3cret/1/`, `https://a.b/rest/***/***/`},
		{"webhook, upper case", `HTTPS://A.B/REST/1/S3CRET/`, `HTTPS://A.B/REST/***/***/`},
		{"webhook below a prefix", `https://a.b/any/prefix/rest/1/s3cret`, `https://a.b/any/prefix/rest/***/***`},
		{"webhook below another rest", `https://a.b/rest/x/rest/1/s3cret`, `https://a.b/rest/***/rest/***/***`},
		{"webhook below rest/rest", `https://a.b/rest/rest/1/s3cret`, `https://a.b/rest/rest/***/***`},
		{"webhook, doubled slashes", `https://a.b//rest//1//s3cret//x`, `https://a.b//rest//***//***//x`},
		{"webhook, escaped for JSON", `"https:\/\/a.b\/rest\/1\/s3cret\/x"`, `"https:\/\/a.b\/rest\/***\/***\/x"`},
		{"webhook, escaped twice", `\"https:\\\/\\\/a.b\\\/rest\\\/1\\\/s3cret\\\/x\"`, `\"https:\\\/\\\/a.b\\\/rest\\\/***\\\/***\\\/x\"`},
		{"webhook, encoded", `u=https%3A%2F%2Fa.b%2Frest%2F1%2Fs3cret%2Fx&v=1`, `u=https%3A%2F%2Fa.b%2Frest%2F***%2F***%2Fx&v=1`},
		{"webhook, encoded at the end of a value", `u=%2frest%2f1%2fs3cret&v=1`, `u=%2frest%2f***%2f***&v=1`},
		{"webhook, encoded twice", `u=%252Frest%252F1%252Fs3cret%252Fx&v=1`, `u=%252Frest%252F***%252F***%252Fx&v=1`},
		{"webhook, escaped and encoded", `%5C%2Frest%5C%2F1%5C%2Fs3cret%5C%2Fx`, `%5C%2Frest%5C%2F***%5C%2F***%5C%2Fx`},
		{"webhook with an encoded slash in the secret", `/rest/1/s3%2Fcret/x`, `/rest/***/***/x`},
		{"webhook in HTML", `<a href="https://a.b/rest/1/s3cret">`, `<a href="https://a.b/rest/***/***">`},
		{"webhook in prose", `(see https://a.b/rest/1/s3cret).`, `(see https://a.b/rest/***/***).`},
		{"webhook without a leading slash", `path rest/1/s3cret/x`, `path rest/***/***/x`},
		{"two webhooks", `/rest/1/s3cret/ /rest/2/s3cret/`, `/rest/***/***/ /rest/***/***/`},
		{"transfer of an application", `https://a.b/rest/download.json?auth=s3cret&token=crm%7Cs3cret`, `https://a.b/rest/download.json?***`},
		{"transfer of a webhook", `"https://a.b/rest/1/s3cret/upload/?token=disk%7Cs3cret&x=1" x`, `"https://a.b/rest/***/***/upload/***" x`},
		{"transfer, encoded", `u=%2Frest%2Fdownload%3Fs3cret%26x&y=1`, `u=%2Frest%2Fdownload%3F***&y=1`},
		// names in a query
		{"query of a batch command", `crm.deal.get?id=5&auth=s3cret&select[]=ID`, `crm.deal.get?id=5&auth=***&select[]=ID`},
		{"every name", `x?client_secret=a&application_token=b&sessid=c&key=d&AUTH_ID=e&REFRESH_ID=f&refresh_token=g`, `x?client_secret=***&application_token=***&sessid=***&key=***&AUTH_ID=***&REFRESH_ID=***&refresh_token=***`},
		{"fragment", `x?token=s3cret#top`, `x?token=***#top`},
		{"value with the other separators", `x?password=a=b,c]d)e'f&y=1`, `x?password=***&y=1`},
		{"value with quotes", `x?password=a')b&y=1`, `x?password=***&y=1`},
		{"value that begins with a quote", `x?password='a'.b&y=1`, `x?password=***&y=1`},
		{"value that begins with an encoded quote", `x?password=%22a%22b&y=1`, `x?password=***&y=1`},
		{"value of one character", `x?password=.`, `x?password=***`},
		{"line break escaped for JSON", `"x\nauth=s3cret\ny=1"`, `"x\nauth=***\ny=1"`},
		{"nested query", `x?next=%2Fy%3Ftoken%3Ds3cret%26z%3D1&w=1`, `x?next=%2Fy%3Ftoken%3D***%26z%3D1&w=1`},
		{"nested form", `data=auth%3Ds3cret%26x%3D1&y=2`, `data=auth%3D***%26x%3D1&y=2`},
		{"escaped ampersand", `"x?auth=s3cret\u0026y=1"`, `"x?auth=***\u0026y=1"`},
		{"ampersand in HTML", `x?a=1&amp;auth=s3cret&amp;y=1`, `x?a=1&amp;auth=***&amp;y=1`},
		{"empty value", `x?auth=&y=1`, `x?auth=***&y=1`},
		{"empty value at the end", `x?auth=`, `x?auth=***`},
		{"letter case", `?ACCESS_TOKEN=a&accessToken=b&Access-Token=c`, `?ACCESS_TOKEN=***&accessToken=***&Access-Token=***`},
		{"dashes", `?api-key=s3cret&x=1`, `?api-key=***&x=1`},
		{"long name", strings.Repeat("x", 100) + `_access_token=s3cret`, strings.Repeat("x", 100) + `_access_token=***`},
		{"semicolon", `a=1;token=s3cret;b=2`, `a=1;token=***;b=2`},
		{"brackets", `fields[password]=s3cret&x=1`, `fields[password]=***&x=1`},
		{"encoded brackets", `fields%5Bpassword%5D=s3cret&x=1`, `fields%5Bpassword%5D=***&x=1`},
		{"brackets after the name", `auth[application_token]=s3cret&auth[0][]=s3cret&x=1`, `auth[application_token]=***&auth[0][]=***&x=1`},
		{"encoded name", `%61uth=s3cret&access%5Ftoken=s3cret&x=1`, `%61uth=***&access%5Ftoken=***&x=1`},
		{"operator of a filter", `filter[=password]=s3cret`, `filter[=password]=***`},
		{"signature", `?signature=s3cret&x=1`, `?signature=***&x=1`},
		{"URL with a token", `wss://a.b/sub/?token=s3cret&x=1`, `wss://a.b/sub/?token=***&x=1`},
		{"OAuth code", `/?code=s3cret&state=x&member_id=y`, `/?code=***&state=x&member_id=y`},
		{"OAuth exchange", `/oauth/token/?grant_type=authorization_code&client_id=app.1&client_secret=s3cret&code=s3cret`, `/oauth/token/?grant_type=authorization_code&client_id=app.1&client_secret=***&code=***`},
		// what is no whole JSON
		{"JSON", `{"error":1,"access_token":"s3\"cret","x":1`, `{"error":1,"access_token":"***","x":1`},
		{"JSON, value cut off", `{"error":1,"access_token":"s3cr`, `{"error":1,"access_token":"***`},
		{"JSON with blanks", `{ "token" : "s3cret" }`, `{ "token" : "***" }`},
		{"JSON, number", `{"token":12345,"x":1}`, `{"token":***,"x":1}`},
		{"JSON, subtree", `"auth":{"a":"}","b":[1]},"x":1`, `"auth":"***","x":1`},
		{"JSON, subtree cut off", `"auth":{"a":"s3cret`, `"auth":"***"`},
		{"JSON, backslash at the end", `"token":"s3cret\\","x":1`, `"token":"***","x":1`},
		{"JSON, escaped backslash and quote", `"token":\"s3cret\\\u0022,x\",\"x\":1`, `"token":\"***\",\"x\":1`},
		{"JSON, code of a quote after a backslash", `"token":"s3\\u0022cret","x":1`, `"token":"***","x":1`},
		{"JSON in JSON", `{\"token\":\"s3\\\"cret\",\"x\":1}`, `{\"token\":\"***\",\"x\":1}`},
		{"JSON, encoded", `%7B%22token%22%3A%22s3%5C%22cret%22%2C%22x%22%3A1%7D`, `%7B%22token%22%3A%22***%22%2C%22x%22%3A1%7D`},
		{"JSON in JSON, encoded", `%7B%5C%22token%5C%22%3A%5C%22s3%5C%5C%5C%22cret%5C%22%2C%5C%22x%5C%22%3A1%7D`, `%7B%5C%22token%5C%22%3A%5C%22***%5C%22%2C%5C%22x%5C%22%3A1%7D`},
		{"JSON, encoded quote in the value", `"token":"s3%22cret","x":1`, `"token":"***","x":1`},
		{"JSON, quotes mixed up", `%22token%5C%22:{"a":1}`, `%22token%5C%22:***`},
		{"JSON in HTML", `{&quot;token&quot;:&quot;s3cret&quot;,&quot;x&quot;:1}`, `{&quot;token&quot;:&quot;***&quot;,&quot;x&quot;:1}`},
		{"JavaScript", `BX.message({'bitrix_sessid':'s3cret'})`, `BX.message({'bitrix_sessid':'***'})`},
		{"XML", `<a><access_token>s3cret</access_token><x>1</x></a>`, `<a><access_token>***</access_token><x>1</x></a>`},
		{"PHP", `[access_token] => s3cret 'token' => 'a b'`, `[access_token] => *** 'token' => '***'`},
		{"Go map", `map[auth:map[a:1 b:2] id:5 token:s3cret]`, `map[auth:*** id:5 token:***]`},
		{"Go struct", `{ID:5 AccessToken:s3cret}`, `{ID:5 AccessToken:***}`},
		{"Go syntax", `map[string]interface {}{"auth":map[string]interface {}{"a":"b c"}, "token":[]string{"a b"}, "x":1}`, `map[string]interface {}{"auth":***, "token":"***", "x":1}`},
		{"quoted", `token="a b" password='c d' x`, `token="***" password='***' x`},
		{"with blanks", `password = s3cret x`, `password = *** x`},
		{"certain name in prose", `access_token: abc`, `access_token: ***`},
		{"secret in prose", `invalid token: a1b2c3d4e5.`, `invalid token: ***.`},
		{"authorization", "Authorization: Bearer s3cret x", "Authorization: *** x"},
		{"authorization, dumped", `map[Authorization:[Bearer s3cret] X:[y]]`, `map[Authorization:*** X:[y]]`},
		{"bearer", `used Bearer s3cret99 for`, `used Bearer *** for`},
		{"user of a URL", `https://user:pass@a.b/x https://token@a.b`, `https://***@a.b/x https://***@a.b`},
		{"user of a URL, encoded host", `https://user:pass@a.b%40c/`, `https://***@a.b%40c/`},
		{"user of a URL, encoded", `u=https%3A%2F%2Fuser%3Ap%2540ss%40a.b%2F&x=1`, `u=https%3A%2F%2F***%40a.b%2F&x=1`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := redact.Text(tt.in)
			assert.Equal(t, tt.want, got)
			assert.Equal(t, got, redact.Text(got), "again")
		})
	}
}

func TestTextKeeps(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in string }{
		{"nothing", ""},
		{"value that looks like a pair", `foo=token=bar`},
		{"longer names", `monkey=1&keyboard=2&author=3&authority=4&tokens=5&secretary=6`},
		{"prose", `the token expired; a key is missing, please check the password`},
		{"equals sign in prose", `primary key=5`},
		{"equals sign with blanks", `key = 5`},
		{"end of a clause", `no token:; no auth:`},
		{"chain of errors", `b24: crm.deal.get: token: expired`},
		{"error code", `expired_token: The access token provided has expired.`},
		{"name in quotes", `parameter "auth": reserved by the portal`},
		{"list of names", `auth, token, password`},
		{"schemes in prose", `Basic authentication and bearer tokens`},
		{"everyday code", `crm.item.add?fields[CODE]=goods&code=x`},
		{"code of an event", `data[FIELDS][CODE]=x&member_id=1`},
		// nothing to hide
		{"address of an application", `https://a.b/rest/crm.deal.list/?id=1#x`},
		{"REST 3.0 address of an application", `https://a.b/rest/api/tasks.task.get?id=1`},
		{"REST root", `https://a.b/rest/`},
		{"user without secret", `https://a.b/rest/1/`},
		{"the rest in prose", `the rest/most of it, /rest and rest/`},
		{"address and mail", `https://a.b:443/x?y=z@q me@a.b`},
		{"broken encoding", `100%, %zz, %, \u00zz, \x, \`},
		{"Cyrillic", `Ошибка: токен не найден`},
		{"masked", `/rest/***/***/x?auth=***&key=*** "token":"***"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.in, redact.Text(tt.in))
		})
	}
}

const cleanText = `b24: crm.deal.list: the portal answered 400 ERROR_CORE: "Invalid filter: field 'STAGE_ID' expects a string or a list" ` +
	`(request 0190a1b2, attempt 2 of 3, https://example.bitrix24.com/rest/crm.deal.list)`

func TestTextAllocatesNothing(t *testing.T) { //nolint:paralleltest // AllocsPerRun counts those of the whole process
	s := redact.New("an unrelated secret")
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		redact.Text(cleanText)
		s.Text(cleanText)
	}))
}

// BenchmarkTextLong shows that the time grows with the length and no faster, also
// for texts made to be hard: compare ns/B of short and long.
func BenchmarkTextLong(b *testing.B) {
	s := redact.New("some secret")
	for _, piece := range []string{`\`, `%25`, `%5C`, `auth[`, `"auth":`, `auth={`, `code=`, `://`, `rest/`, `&amp`, `token `, `"`, `token="`, `[`, ` `} {
		for name, size := range map[string]int{"short": 8 << 10, "long": 64 << 10} {
			text := strings.Repeat(piece, size/len(piece))
			b.Run(name+"/"+strconv.Quote(piece), func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					s.Text(text)
				}
			})
		}
	}
}

func BenchmarkText(b *testing.B) {
	b.SetBytes(int64(len(cleanText)))
	for b.Loop() {
		redact.Text(cleanText)
	}
}

func BenchmarkSecretsText(b *testing.B) {
	s := redact.New("an unrelated secret")
	b.SetBytes(int64(len(cleanText)))
	for b.Loop() {
		s.Text(cleanText)
	}
}
