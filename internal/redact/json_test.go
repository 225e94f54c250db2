package redact_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/redact"
)

func TestJSON(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"params", `{"auth":"a","password":"b","token":"c","id":5}`, `{"auth":"***","password":"***","token":"***","id":5}`},
		{"result, depth 1", `{"result":{"access_token":"a","x":1}}`, `{"result":{"access_token":"***","x":1}}`},
		{"result, depth 2", `{"result":{"item":{"refresh_token":"a","x":1}}}`, `{"result":{"item":{"refresh_token":"***","x":1}}}`},
		{"no result", `{"result":null}`, `{"result":null}`},
		{"null", `null`, `null`},
		{"empty credentials", `{"auth":"","token":null,"password":0,"secret":{},"sessid":[]}`, `{"auth":"***","token":"***","password":"***","secret":"***","sessid":"***"}`},
		{"batch", `{"halt":1,"cmd":{"a":"crm.deal.get?id=1&auth=s3cret&x=2","b":"profile"}}`, `{"halt":1,"cmd":{"a":"crm.deal.get?id=1&auth=***&x=2","b":"profile"}}`},
		{"batch as a list", `{"cmd":["crm.deal.get?auth=s3cret",{"method":"x","params":{"auth":"a","id":1}}]}`, `{"cmd":["crm.deal.get?auth=***",{"method":"x","params":{"auth":"***","id":1}}]}`},
		{"names", `{"client_secret":"a","application_token":"b","sessid":"c","key":"d","AUTH_ID":"e","REFRESH_ID":"f","signature":"g"}`, `{"client_secret":"***","application_token":"***","sessid":"***","key":"***","AUTH_ID":"***","REFRESH_ID":"***","signature":"***"}`},
		{"letter case", `{"AUTH":"a","Token":"b","ACCESS-TOKEN":"c","accessToken":"d","ClientSecret":"e"}`, `{"AUTH":"***","Token":"***","ACCESS-TOKEN":"***","accessToken":"***","ClientSecret":"***"}`},
		{"endings", `{"bot_token":"a","webhookSecret":"b","confirm_password":"c","PHPSESSID":"d"}`, `{"bot_token":"***","webhookSecret":"***","confirm_password":"***","PHPSESSID":"***"}`},
		{"subtree", `{"auth":{"domain":"a.b","x":[{"y":1}]},"event":"E"}`, `{"auth":"***","event":"E"}`},
		{"other names", `{"monkey":"a","keyboard":"b","tokens":3,"author":"c","AUTHOR_ID":4,"secretary":"d","x":"foo=token=bar"}`, `{"monkey":"a","keyboard":"b","tokens":3,"author":"c","AUTHOR_ID":4,"secretary":"d","x":"foo=token=bar"}`},
		{"brackets in names", `{"auth[domain]":"a","fields[password]":"b","fields.token":"c","=password":"d","fields[CODE]":"e"}`, `{"auth[domain]":"***","fields[password]":"***","fields.token":"***","=password":"***","fields[CODE]":"e"}`},
		{"list", `[{"token":"a","x":1},[{"token":"b"}],"?auth=c"]`, `[{"token":"***","x":1},[{"token":"***"}],"?auth=***"]`},
		{"webhooks in values", `{"u":"https://a.b/rest/1/s3cret/x","l":["https:\/\/a.b\/rest\/api\/1\/s3cret\/"]}`, `{"u":"https://a.b/rest/***/***/x","l":["https://a.b/rest/api/***/***/"]}`},
		{"JSON in a string", `{"s":"{\"token\":\"s3cret\",\"x\":1}"}`, `{"s":"{\"token\":\"***\",\"x\":1}"}`},
		{"secret in a name", `{"https://a.b/rest/1/s3cret/x":1}`, `{"https://a.b/rest/***/***/x":1}`},
		{"everyday code", `{"fields":{"CODE":"goods","code":"x"}}`, `{"fields":{"CODE":"goods","code":"x"}}`},
		{"OAuth code", `{"code":"a","code":"bb","client_id":"app.1","x":{"code":"y"}}`, `{"code":"***","code":"***","client_id":"app.1","x":{"code":"y"}}`},
		{"code in brackets", `{"fields[CODE]":"goods","client_id":"app.1"}`, `{"fields[CODE]":"goods","client_id":"app.1"}`},
		{"OAuth code beside a child", `{"x":{"member_id":"y"},"code":"a"}`, `{"x":{"member_id":"y"},"code":"a"}`},
		// the rest is to stay as it is
		{"numbers", `[1.50,-0,1e400,12345678901234567890]`, `[1.50,-0,1e400,12345678901234567890]`},
		{"blanks", " {\n \"a\" : [ true , false ] } \n", `{"a":[true,false]}`},
		{"scalar", `"?token=a"`, `"?token=***"`},
		{"broken UTF-8", "[\"\xff\",\"\\ud800\"]", "[\"\ufffd\",\"\ufffd\"]"},
		// what is no JSON is treated as text
		{"cut off", `{"token":"s3cr`, `{"token":"***`},
		{"two values", `{"token":"a"} {"token":"b"}`, `{"token":"***"} {"token":"***"}`},
		{"form", `auth=a&x=1`, `auth=***&x=1`},
		{"empty", ``, ``},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in := []byte(tt.in)
			got := redact.JSON(in)
			assert.Equal(t, tt.want, string(got))
			assert.Equal(t, tt.in, string(in), "the input changed")
			assert.Equal(t, tt.want, string(redact.JSON(got)), "again")
		})
	}
}

func TestJSONDepth(t *testing.T) {
	t.Parallel()
	for _, depth := range []int{1, 3, 10, 99, 100, 101, 5000, 9000, 20000} {
		for _, format := range []string{`{"x":%s}`, `[%s]`} {
			in := `{"token":"s3cret9"}`
			before, after, _ := strings.Cut(format, "%s")
			in = strings.Repeat(before, depth) + in + strings.Repeat(after, depth)

			out := redact.JSON([]byte(in))

			assert.NotContains(t, string(out), "s3cret9", "depth %d", depth)
			assert.Equal(t, json.Valid([]byte(in)), json.Valid(out), "depth %d", depth)
		}
	}
}

// what stands beside a secret is kept, at any depth that is read.
func TestJSONKeepsSiblings(t *testing.T) {
	t.Parallel()
	var out any
	in := `{"sibling":1}`
	for range 99 {
		in = fmt.Sprintf(`{"x":%s,"password":"p"}`, in)
	}
	require.NoError(t, json.Unmarshal(redact.JSON([]byte(in)), &out))
	for range 99 {
		m, ok := out.(map[string]any)
		require.True(t, ok)
		require.Equal(t, redact.Mask, m["password"])
		out = m["x"]
	}
	assert.Equal(t, map[string]any{"sibling": 1.0}, out)
}
