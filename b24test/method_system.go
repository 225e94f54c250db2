package b24test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test/internal/php"
)

// systemMethods returns the methods about the portal itself. Its webhook belongs to an
// administrator and has all permissions.
func systemMethods() map[string]procedure {
	return map[string]procedure{
		"server.time": serverTime,
		"profile":     profile,
		"user.admin":  func(*Portal, Request) (any, error) { return true, nil },
		"user.access": func(*Portal, Request) (any, error) { return true, nil },
		"scope":       scopes,
		"methods":     methodNames,
		"method.get":  methodInfo,
		"feature.get": feature,
		"app.info":    appInfo,
		"events":      eventNames,
	}
}

func serverTime(*Portal, Request) (any, error) {
	return time.Now().UTC().Format("2006-01-02T15:04:05-07:00"), nil
}

// profile answers profile: of a user that was not seeded only the id is known.
func profile(p *Portal, req Request) (any, error) {
	s := p.table("user")
	result := php.Object("ID", req.user(), "ADMIN", true, "NAME", "", "LAST_NAME", "", "PERSONAL_GENDER", "", "TIME_ZONE", "")
	i, ok := s.find(req.user())
	if !ok {
		return result, nil
	}
	user := s.rows().at(i).fields
	if active := user["ACTIVE"]; active == "N" || active == false {
		return php.NewArray(), nil
	}
	for _, name := range []string{"NAME", "LAST_NAME", "PERSONAL_GENDER", "TIME_ZONE", "PERSONAL_PHOTO"} {
		if v := user[name]; !isEmpty(v) {
			result.Set(name, php.Text(v))
		}
	}
	return result, nil
}

// basicScope is the scope of the methods that need no permission.
const basicScope = ""

// scopeOf returns the permission that a method needs.
func scopeOf(method string) string {
	switch first, _, _ := strings.Cut(method, "."); first {
	case "app", "batch", "event", "events", "feature", "method", "methods", "profile", "scope", "server":
		return basicScope
	case "tasks":
		return "task"
	case "voximplant":
		return "telephony"
	case "socialnetwork":
		return "sonet_group"
	case "user":
		if method == "user.admin" || method == "user.access" {
			return basicScope
		}
		return first
	default:
		return first
	}
}

// known returns the names of all methods, those that a test has registered among them. The caller
// holds the lock of the database.
func (p *Portal) known() map[string]bool {
	names := map[string]bool{"batch": true}
	for name := range p.data.methods {
		names[name] = true
	}
	for name := range p.procedures {
		names[name] = true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for name := range p.handlers {
		names[name] = true
	}
	return names
}

// scopes answers scope: the webhook has every permission, so full makes no difference.
func scopes(p *Portal, _ Request) (any, error) {
	found := map[string]bool{}
	for name := range p.known() {
		found[scopeOf(name)] = true
	}
	delete(found, basicScope)
	return listOf(slices.Sorted(maps.Keys(found))), nil
}

// methodNames answers methods. The parameter scope selects those of one permission; if it is empty,
// those that need none.
func methodNames(p *Portal, req Request) (any, error) {
	scope, limited := req.params.Fold("scope")
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(p.known())), func(name string) bool {
		return limited && scope != nil && scopeOf(name) != php.Text(scope)
	})
	return listOf(names), nil
}

func listOf(names []string) *php.Array {
	list := php.NewArray()
	for _, name := range names {
		list.Add(name)
	}
	return list
}

// methodInfo answers method.get. Only the methods of controllers are found in any letter case.
func methodInfo(p *Portal, req Request) (any, error) {
	name := req.params.Text("name")
	known := p.known()
	folded := strings.ToLower(name)
	entity := folded[:max(0, strings.LastIndex(folded, "."))]
	f := p.data.families[entity]
	exists := known[name] || known[folded] && f != nil && f.checked
	return php.Object("isExisting", exists, "isAvailable", exists), nil
}

// feature answers feature.get with the documented features of a portal that has all of them.
func feature(_ *Portal, req Request) (any, error) {
	v, _ := req.params.Fold("code")
	code := php.Text(v)
	if !php.Truthy(v) {
		return nil, badRequest("CODE_EMPTY", "CODE can't be empty")
	}
	return php.Object("value", letter(code == "rest_offline_extended" || code == "rest_auth_connector")), nil
}

// appInfo answers app.info: a webhook is no application, so it learns its permissions only.
func appInfo(p *Portal, req Request) (any, error) {
	list, err := scopes(p, req)
	return php.Object("SCOPE", list, "LICENSE", "en_project"), err
}

// eventNames answers events, which only an application may call.
func eventNames(*Portal, Request) (any, error) {
	return nil, &b24.Error{
		Code: "WRONG_AUTH_TYPE", Description: "Current authorization type is denied for this method", Status: http.StatusForbidden,
	}
}
