package b24test_test

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/b24test"
)

func TestFormFollowsParseStr(t *testing.T) {
	t.Parallel()
	p := echo(t, b24test.WithMemory())
	for query, want := range map[string]string{
		"a=1&b=2":                   `{"a":"1","b":"2"}`,
		"a=1&a=2":                   `{"a":"2"}`,
		"a":                         `{"a":""}`,
		"&&a=1&":                    `{"a":"1"}`,
		"=1":                        `{}`,
		"[x]=1":                     `{}`,
		"a=1=2":                     `{"a":"1=2"}`,
		"a[b][c]=x":                 `{"a":{"b":{"c":"x"}}}`,
		"a[]=x&a[]=y":               `{"a":["x","y"]}`,
		"a[0]=x&a[1]=y":             `{"a":["x","y"]}`,
		"a[1]=x&a[]=y":              `{"a":{"1":"x","2":"y"}}`,
		"a[]=":                      `{"a":[""]}`,
		"a[][b]=1&a[][b]=2":         `{"a":[{"b":"1"},{"b":"2"}]}`,
		"a=1&a[b]=2":                `{"a":{"b":"2"}}`,
		"a[b]=1&a=2":                `{"a":"2"}`,
		"a.b=1&c d=2":               `{"a_b":"1","c_d":"2"}`,
		"a[x.y]=1":                  `{"a":{"x.y":"1"}}`,
		"a[b=1":                     `{"a_b":"1"}`,
		"a[b.c=1":                   `{"a_b_c":"1"}`,
		"a[b]c=1":                   `{"a":{"b":"1"}}`,
		"a[b]c[d]=1":                `{"a":{"b":"1"}}`,
		"a[b][c=1":                  `{"a":{"b":"1"}}`,
		"+a=1":                      `{"a":"1"}`,
		"a=x+y%20z%2B%26":           `{"a":"x y z+&"}`,
		"a=100%&b=%zz%41":           `{"a":"100%","b":"%zzA"}`,
		"a[%3EID]=5":                `{"a":{">ID":"5"}}`,
		"a[" + "b][c]=%D1%8F":       `{"a":{"b":{"c":"я"}}}`,
		"auth=1&method=x&state=2&z": `{"z":""}`,
	} {
		for _, as := range []string{"query", "form"} {
			if as == "form" {
				_, err := send(t, p.HTTPClient(), wire{http.MethodPost, p.WebhookURL() + "m", "application/x-www-form-urlencoded", query})
				require.NoError(t, err)
			} else {
				_, err := send(t, p.HTTPClient(), wire{http.MethodGet, p.WebhookURL() + "m?" + strings.ReplaceAll(query, " ", "%20"), "", ""})
				require.NoError(t, err)
			}
			got, err := json.Marshal(seen(t, p).Params)
			require.NoError(t, err)
			assert.JSONEq(t, want, string(got), "%s as %s", query, as)
		}
	}
}

func TestFormDropsWhatExceedsPHPsLimits(t *testing.T) {
	t.Parallel()
	p := echo(t, b24test.WithMemory())
	_, err := send(t, p.HTTPClient(), wire{http.MethodPost, p.WebhookURL() + "m", "application/x-www-form-urlencoded", strings.Repeat("a[]=1&", 1200)})
	require.NoError(t, err)
	assert.Len(t, seen(t, p).Params["a"], 1000)

	_, err = send(t, p.HTTPClient(), wire{http.MethodPost, p.WebhookURL() + "m", "application/x-www-form-urlencoded", "x=1&a" + strings.Repeat("[b]", 65) + "=1"})
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"x": "1"}, seen(t, p).Params)
}

func TestBodies(t *testing.T) {
	t.Parallel()
	p := echo(t, b24test.WithMemory())
	for _, tt := range []struct {
		name, verb, contentType, body string
		want                          map[string]any
	}{
		{"body replaces by key", "POST", "application/json", `{"q":{"x":1}}`, map[string]any{"q": map[string]any{"x": json.Number("1")}, "k": "v"}},
		{"charset and case", "POST", "Application/JSON; charset=utf-8", `{"q":2}`, map[string]any{"q": json.Number("2"), "k": "v"}},
		{"+json", "POST", "application/vnd.x+json", `{"q":null}`, map[string]any{"q": nil, "k": "v"}},
		{"broken JSON is ignored", "POST", "application/json", `{"q":2`, map[string]any{"q": "1", "k": "v"}},
		{"two values are ignored", "POST", "application/json", `{"q":2}{"q":3}`, map[string]any{"q": "1", "k": "v"}},
		{"scalar is ignored", "POST", "application/json", `"q"`, map[string]any{"q": "1", "k": "v"}},
		{"empty is ignored", "POST", "application/json", ``, map[string]any{"q": "1", "k": "v"}},
		{"last of two names", "POST", "application/json", `{"q":2,"q":3}`, map[string]any{"q": json.Number("3"), "k": "v"}},
		{"list", "POST", "application/json", `[5,"x"]`, map[string]any{"q": "1", "k": "v", "0": json.Number("5"), "1": "x"}},
		{"JSON as text is one garbage key", "POST", "text/plain", `{"q":2}`, map[string]any{"q": "1", "k": "v", `{"q":2}`: ""}},
		{"no content type is a form", "POST", "", `q=2`, map[string]any{"q": "2", "k": "v"}},
		{"body of a GET is not read", "GET", "application/json", `{"q":2}`, map[string]any{"q": "1", "k": "v"}},
		{
			"reserved names", "POST", "application/json", `{"auth":"a","access_token":1,"auth_connector":1,"ap":1,"aplogin":1,"sessid":1,"state":1,"method":1,"start":50,"Start":7}`,
			map[string]any{"q": "1", "k": "v", "Start": json.Number("7")},
		},
		{"null token is none", "POST", "application/json", `{"token":null}`, map[string]any{"q": "1", "k": "v"}},
	} {
		a, err := send(t, p.HTTPClient(), wire{tt.verb, p.WebhookURL() + "m?q=1&k=v", tt.contentType, tt.body})
		require.NoError(t, err)
		assert.Equal(t, http.StatusOK, a.Status, tt.name)
		assert.Equal(t, tt.want, seen(t, p).Params, tt.name)
	}
}

func TestMultipart(t *testing.T) {
	t.Parallel()
	p := echo(t, b24test.WithMemory())
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	require.NoError(t, w.WriteField("fields[A][]", "x & y"))
	f, err := w.CreateFormFile("file", "f.txt")
	require.NoError(t, err)
	_, err = f.Write([]byte("data"))
	require.NoError(t, err)
	require.NoError(t, w.Close())

	_, err = send(t, p.HTTPClient(), wire{http.MethodPost, p.WebhookURL() + "m", w.FormDataContentType(), body.String()})

	require.NoError(t, err)
	assert.Equal(t, map[string]any{"fields": map[string]any{"A": []any{"x & y"}}}, seen(t, p).Params)
}

func TestTokenMeansASignedLink(t *testing.T) {
	t.Parallel()
	p := echo(t)
	a := call(t, p, "m", `{"token":"x"}`)
	assert.Equal(t, http.StatusForbidden, a.Status)
	assert.Equal(t, "ACCESS_DENIED", a.field(t, "error"))
	assert.Equal(t, "Access denied! Link check failed", a.field(t, "error_description"))
	assert.Zero(t, p.Executed("m"))
}

// Arguments by position, and what telemetry does to them.
func TestPositionalMethods(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	for _, m := range []string{"task.commentitem.getlist", "task.item.list", "task.item.add"} {
		p.Handle(m, func(req b24test.Request) (any, error) { return req.Args, nil })
	}
	for _, tt := range []struct {
		url, contentType, body string
		args                   []any
		text                   string
	}{
		{"task.commentitem.getlist", "application/json", `[12,{"ID":"asc"}]`, []any{json.Number("12"), map[string]any{"ID": "asc"}}, ""},
		{"task.commentitem.getlist", "application/json", `{"TASKID":"12","x":[]}`, []any{"12", []any{}}, ""},
		{"task.commentitem.getlist", "application/x-www-form-urlencoded", `0=12&1[ID]=asc`, []any{"12", map[string]any{"ID": "asc"}}, ""},
		{"task.commentitem.getlist", "application/json", `["see task.commentitem.getlist",12]`, []any{json.Number("12")}, ""},
		{"task.item.list", "application/json", `{}`, []any{}, ""},
		{"task.item.list?auth=1", "application/json", `[[],{"ID":1}]`, []any{[]any{}, map[string]any{"ID": json.Number("1")}}, ""},
		{"task.commentitem.getlist?bx24_request_id=r1", "application/json", `[12]`, nil, `Param #0 (taskId) for method ctaskcommentitem::getlist() expected to be of type "integer", but given something else.; 256/TE/WRONG_ARGUMENTS`},
		{"task.item.add?bx24_request_id=r1", "application/json", `[{"TITLE":"x"}]`, nil, `WRONG_ARGUMENTS`},
		{"task.commentitem.getlist", "application/json", `{}`, nil, `Param #0 (taskId) expected by method ctaskcommentitem::getlist(), but not given.`},
	} {
		a, err := send(t, p.HTTPClient(), wire{http.MethodPost, p.WebhookURL() + tt.url, tt.contentType, tt.body})
		require.NoError(t, err)
		if tt.text == "" {
			assert.Equal(t, http.StatusOK, a.Status, a.Body)
			assert.Equal(t, tt.args, seen(t, p).Args)
			continue
		}
		assert.Equal(t, http.StatusBadRequest, a.Status)
		assert.Equal(t, "ERROR_CORE", a.field(t, "error"))
		assert.Contains(t, a.field(t, "error_description"), tt.text)
		assert.False(t, seen(t, p).Executed)
	}
}

func TestNamedTaskMethodsAreNotPositional(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Handle("task.stages.get", func(req b24test.Request) (any, error) { return req.Params["entityId"], nil })
	a := call(t, p, "task.stages.get?bx24_request_id=1", `{"entityId":3}`)
	assert.Equal(t, json.Number("3"), a.field(t, "result"))
	assert.Nil(t, seen(t, p).Args)
}
