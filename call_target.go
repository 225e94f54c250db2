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

// target is where a portal is now, and what it lets a client in by. A cloud portal can be renamed at any
// time, and a token ends: either makes another target.
type target struct {
	origin string
	slash  bool                                    // the server in front of the portal wants one behind the method
	base   func() (before, behind string)          // of what leads to the methods of a dialect; a closure, for it may hold a secret
	bearer func() string                           // the value of the header Authorization; nil: the key is in the address
	at     func(origin string, slash bool) *target // the same portal under another address
}

// methods is where those of a dialect are, with a slash at the end.
func (t *target) methods(d dialect) string {
	before, behind := t.base()
	return before + d.path() + behind
}

// host returns host[:port].
func (t *target) host() string {
	_, host, _ := strings.Cut(t.origin, "://")
	return host
}

// end is what stands behind a method.
func (t *target) end() string {
	if t.slash {
		return "/"
	}
	return ""
}

// destination is where a redirect points to.
type destination struct {
	origin string // empty: it names no host
	own    bool   // it is on the host that was asked
	target *target
}

// pointsTo takes the Location of a redirect of q apart.
func (c *client) pointsTo(q *query, location string) (d destination) {
	at := c.at(q)
	from, err := url.Parse(at.methods(q.dialect) + q.method + at.end()) // its error is never shown
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

// again reports whether the call can be made where a redirect points to, by the same POST. It
// can be at the new address of a renamed portal, which has no path or that of the call: a
// redirect to a page, a login or a notice of maintenance, means something else. And it can be on
// the same host if the path is that of the call with a slash more or less: a web server
// asks for that before it asks the portal, which takes both (docs/protocol.md 1.1).
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
	return origin, slash, sure || to.Scheme == "https" && strings.HasPrefix(ours+"/", theirs+"/") // the secret goes along
}

// asciiOrigin is originOf with a host in Punycode, as a Location has it.
func asciiOrigin(u *url.URL) string {
	_, host, _ := strings.Cut(originOf(u), "://")
	return u.Scheme + "://" + hostname.ASCII(host)
}

// follow takes the portal's word for its address, once a call: q can be sent again at
// once, for a redirect comes before the portal runs anything (docs/protocol.md 1.3). Only
// scheme, host and a slash at the end are taken, path and body stay ours.
func (c *client) follow(ctx context.Context, q *query, err error) bool {
	re, ok := errors.AsType[*RedirectError](err)
	if !ok || q.followed || q.once || !re.mayFollow() || ctx.Err() != nil {
		return false
	}
	q.moved, q.followed = re.next(), true
	return true
}

// renewer gets another target where the portal no longer takes the key of stale: the same portal with another key.
type renewer func(ctx context.Context, stale *target) (*target, error)

// renewed gets another key where the portal refused the one that q was sent with, once a call: q can be sent
// again at once, for a key is looked at before the portal runs anything.
func (c *client) renewed(ctx context.Context, q *query, err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok || c.renew == nil || q.renewed || q.once || !e.refusesKey() || ctx.Err() != nil {
		return false
	}
	fresh, err := c.renew(ctx, c.at(q))
	if err != nil {
		return false // the refusal is what the caller is told
	}
	q.moved, q.renewed = fresh, true
	return true
}

// mayFollow: only with the status of a redirect that can mean a renamed portal.
func (e *RedirectError) mayFollow() bool {
	switch e.Status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return e.next != nil
	default:
		return false
	}
}

// at is where q goes.
func (c *client) at(q *query) *target {
	if q.moved != nil {
		return q.moved
	}
	return c.target.Load()
}

// shownOrigin is the portal's origin for a text.
func (c *client) shownOrigin() string { return c.secrets.Text(c.target.Load().origin) }

// settleAt remembers a new address, or a new key, once a portal answered there: anybody else must
// not keep the calls to come.
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
		c.log.log(ctx, slog.LevelWarn, "b24: the portal moved",
			slog.String("from", c.secrets.Text(old.origin)), slog.String("to", c.secrets.Text(q.moved.origin)))
	}
}
