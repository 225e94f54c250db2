package b24

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/b24go/b24/internal/hostname"
)

// target is the current address of a portal, with the credentials for it. A cloud portal can be
// renamed at any time, and a token expires: each creates another target.
type target struct {
	origin string
	slash  bool                                    // the web server requires one behind the method
	base   func() (before, behind string)          // the address around a dialect's path; a closure, because it may contain a secret
	bearer func() string                           // value of the Authorization header; nil: the key is in the address
	at     func(origin string, slash bool) *target // returns the same portal at another address
}

// methods returns the address of a dialect's methods, with a slash at the end.
func (t *target) methods(d dialect) string {
	before, behind := t.base()
	return before + d.path() + behind
}

// host returns host[:port].
func (t *target) host() string {
	_, host, _ := strings.Cut(t.origin, "://")
	return host
}

// end returns what follows the name of a method in the address.
func (t *target) end() string {
	if t.slash {
		return "/"
	}
	return ""
}

// destination is the target of a redirect.
type destination struct {
	origin string // empty: no host is named
	own    bool   // it is on the host of the call
	target *target
}

// pointsTo parses the Location of a redirect of q.
func (c *client) pointsTo(q *query, location string) (d destination) {
	at := c.at(q)
	from, err := url.Parse(at.methods(q.dialect) + q.method + at.end()) // the error is never shown, it quotes the address
	if err != nil {
		return d
	}
	to, err := from.Parse(location)
	if err != nil || location == "" || !validHost(to) {
		return d
	}
	if named, err := url.Parse(location); err == nil && named.Host != "" {
		d.origin = originOf(to)
	}
	d.own = asciiOrigin(to) == asciiOrigin(from)
	if origin, slash, ok := at.again(from, to); ok {
		d.target = at.at(origin, slash)
	}
	return d
}

// again reports whether the same POST can be repeated at the destination of a redirect. It can at
// the new address of a renamed portal, with no path or that of the call: a redirect to another
// page, such as a login or a maintenance notice, means something else. It also can on the same host
// if the path is that of the call with or without a slash at the end: a web server may require that
// before it passes the call to the portal, which accepts both (docs/protocol.md 1.1).
func (t *target) again(from, to *url.URL) (origin string, slash, ok bool) {
	theirs, ours := strings.TrimSuffix(to.Path, "/"), strings.TrimSuffix(from.Path, "/")
	own := asciiOrigin(to) == asciiOrigin(from)
	if origin, slash = originOf(to), t.slash; own {
		origin = t.origin
	}
	if theirs == ours {
		slash = strings.HasSuffix(to.Path, "/")
	}
	sure := own && slash != t.slash
	return origin, slash, sure || to.Scheme == "https" && strings.HasPrefix(ours+"/", theirs+"/") // the secret is sent along
}

// asciiOrigin is originOf with the host in Punycode, as in a Location.
func asciiOrigin(u *url.URL) string {
	_, host, _ := strings.Cut(originOf(u), "://")
	return u.Scheme + "://" + hostname.ASCII(host)
}

// follow accepts the portal's new address, once per call. q can be sent again at once, because a
// redirect comes before the portal runs anything (docs/protocol.md 1.3). Only scheme, host and a
// slash at the end are accepted; path and body stay the client's own.
func (c *client) follow(ctx context.Context, q *query, err error) bool {
	re, ok := errors.AsType[*RedirectError](err)
	if !ok || q.followed || q.once || !re.mayFollow() || ctx.Err() != nil {
		return false
	}
	q.moved, q.followed = re.next(), true
	return true
}

// renewer returns a new target if the portal no longer accepts the key of stale: the same portal
// with another key.
type renewer func(ctx context.Context, stale *target) (*target, error)

// renewed gets another key if the portal refused the key of q, once per call. q can be sent again
// at once, because the portal checks the key before it runs anything.
func (c *client) renewed(ctx context.Context, q *query, err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok || c.renew == nil || q.renewed || q.once || !e.refusesKey() || ctx.Err() != nil {
		return false
	}
	fresh, err := c.renew(ctx, c.at(q))
	if err != nil {
		return false // the caller gets the refusal
	}
	q.moved, q.renewed = fresh, true
	return true
}

// mayFollow reports whether the status is that of a redirect that can mean a renamed portal.
func (e *RedirectError) mayFollow() bool {
	switch e.Status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return e.next != nil
	default:
		return false
	}
}

// at returns the target of q.
func (c *client) at(q *query) *target {
	if q.moved != nil {
		return q.moved
	}
	return c.target.Load()
}

// shownOrigin returns the portal's origin, masked.
func (c *client) shownOrigin() string { return c.secrets.Text(c.target.Load().origin) }

// settleAt stores a new address, or a new key, only after the portal answered there: a foreign host
// must not receive later calls.
func (c *client) settleAt(ctx context.Context, q *query, err error) {
	if q.moved == nil {
		return
	}
	if _, answered := errors.AsType[*Error](err); err != nil && !answered {
		return
	}
	old := c.target.Load()
	same := old.origin == q.moved.origin && old.slash == q.moved.slash
	if same && !q.renewed || !c.target.CompareAndSwap(old, q.moved) {
		return
	}
	if old.origin != q.moved.origin {
		c.limits.move(q.moved.host())
		c.log.log(ctx, slog.LevelWarn, "b24: the portal moved",
			slog.String("from", c.secrets.Text(old.origin)), slog.String("to", c.secrets.Text(q.moved.origin)))
	}
}
