package door

import (
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/b24go/b24/internal/hostname"
)

// Site is where a portal is.
type Site struct {
	// Origin is https://host[:port].
	Origin string
	// Root is the path of the REST root: /rest/.
	Root string
}

// Link is an address that may be asked for.
type Link struct {
	// URL is the address; a secret.
	URL *url.URL
	// Own means that it leads to the portal.
	Own bool
	// Listed means that the caller vouches for the host.
	Listed bool
	// Signed means that it leads under the REST root and has the portal's signature.
	Signed bool
	// Key means that it is signed, and asks for the authorisation in a header: it has none of its
	// own, and nothing else that a method could take for a parameter.
	Key bool
}

// Problem is why an address is refused. It contains no part of the address.
type Problem string

// Problems of an address.
const (
	// Fine means that there is none.
	Fine Problem = ""

	problemEmpty   Problem = "there is none"
	problemURL     Problem = "it is not an address"
	problemUser    Problem = "it has a user name"
	problemScheme  Problem = "it is not https"
	problemIP      Problem = "its host is an IP address, not a name; see file.WithFileHosts"
	problemPlain   Problem = "it calls a method of the portal: it leads under the REST root and has no signature"
	problemSession Problem = "it is for a browser, which has a session: use DOWNLOAD_URL of disk.file.get, or urlMachine of crm.item.get"
	problemForeign Problem = "it does not lead to the portal"
	// ProblemAddress is for a host whose address is not public.
	ProblemAddress Problem = "its host has an address that is not public; see file.WithFileHosts"
	// ProblemSecret is for a redirect that would take the key elsewhere.
	ProblemSecret Problem = "it would send the portal's key to another host"
)

// Resolve checks the address of a file to download. A relative one is completed with the portal's.
func (s Site) Resolve(link string, hosts []string) (Link, Problem) {
	base, err := url.Parse(s.Origin + "/")
	if err != nil {
		return Link{}, problemURL
	}
	return s.resolve(base, link, hosts)
}

// Follow checks where a redirect of from leads. No key goes there.
func (s Site) Follow(from Link, location string, hosts []string) (Link, Problem) {
	to, problem := s.resolve(from.URL, location, hosts)
	to.Key = false
	return to, problem
}

// Upload checks the address that a file is sent to.
func (s Site) Upload(link string, hosts []string) (Link, Problem) {
	to, problem := s.Resolve(link, hosts)
	switch {
	case problem != Fine:
		return to, problem
	case to.Own && !to.Signed:
		return Link{}, problemPlain
	case !to.Own && !to.Listed:
		return Link{}, problemForeign
	default:
		return to, Fine
	}
}

func (s Site) resolve(base *url.URL, link string, hosts []string) (Link, Problem) {
	link = strings.TrimSpace(link)
	if link == "" {
		return Link{}, problemEmpty
	}
	u, err := base.Parse(strings.ReplaceAll(link, " ", "%20")) // its error quotes the address
	switch {
	case err != nil, u.Opaque != "", strings.Contains(link, `\`):
		return Link{}, problemURL
	case u.User != nil:
		return Link{}, problemUser
	case u.Scheme != "https" && u.Scheme != "http":
		return Link{}, problemScheme
	case u.Hostname() == "", !parses(u): // "//::" has a host that no address can have
		return Link{}, problemURL
	}
	u.Fragment, u.RawFragment = "", ""
	if own, ok := s.own(u); ok {
		return s.check(own)
	}
	return s.other(u, hosts)
}

func parses(u *url.URL) bool {
	_, err := url.Parse(u.String())
	return err == nil
}

// own returns u if it leads to the portal. A portal behind a proxy writes http, although it is
// reached over https, and only there the key may go.
func (s Site) own(u *url.URL) (*url.URL, bool) {
	at, err := url.Parse(s.Origin)
	if err != nil {
		return nil, false
	}
	if u.Scheme == "http" && at.Scheme == "https" && (u.Port() == "" || u.Port() == "80") {
		secure := *u
		secure.Scheme, secure.Host = "https", bracketed(u.Hostname())
		u = &secure
	}
	return u, u.Scheme == at.Scheme && place(u) == place(at)
}

// place is host:port as servers compare them.
func place(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
	}
	return hostname.ASCII(strings.TrimSuffix(u.Hostname(), ".")) + ":" + port
}

func bracketed(host string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

// check checks an address on the portal.
func (s Site) check(u *url.URL) (Link, Problem) {
	l := Link{URL: u, Own: true}
	where := cleaned(u)
	switch {
	case under(where, s.Root), under(where, "/bitrix/services/rest/"): // where the root leads to, inside the portal
		l.Signed, l.Key = signature(u.RawQuery)
		if !l.Signed {
			return Link{}, problemPlain
		}
	case slices.ContainsFunc([]string{"/bitrix/components/", "/bitrix/tools/", "/bitrix/services/main/ajax.php", "/disk/"}, func(page string) bool {
		return under(where, strings.TrimSuffix(s.Root, "rest/")+page[1:])
	}):
		return Link{}, problemSession
	}
	return l, Fine
}

// cleaned returns the path as a web server sees it, in lower case.
func cleaned(u *url.URL) string { return strings.ToLower(path.Clean("/" + u.Path)) }

func under(where, dir string) bool { return strings.HasPrefix(where+"/", strings.ToLower(dir)) }

// signature reports whether a query has the portal's signature, and whether it is a link that needs
// the authorisation in a header. The portal signs scope|data|signature. PHP reads no more than a
// thousand parameters, and would call the method if others pushed the signature out: so the key
// goes only where nothing else stands.
func signature(query string) (signed, key bool) {
	tokens := 0
	key = true
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		switch name {
		case "token":
			text, err := url.QueryUnescape(value)
			if err != nil || strings.Count(text, "|") < 2 || strings.HasSuffix(text, "|") {
				return false, false
			}
			tokens++
		case "auth_connector":
		default:
			key = false
		}
	}
	return tokens == 1, tokens == 1 && key
}

// other checks an address elsewhere.
func (s Site) other(u *url.URL, hosts []string) (Link, Problem) {
	if u.Scheme != "https" {
		return Link{}, problemScheme
	}
	l := Link{URL: u, Listed: listed(u, hosts)}
	if _, err := netip.ParseAddr(u.Hostname()); err == nil && !l.Listed {
		return Link{}, problemIP
	}
	return l, Fine
}

// listed reports whether a host is in a list of host or host:port.
func listed(u *url.URL, hosts []string) bool {
	name, at := hostname.ASCII(strings.TrimSuffix(u.Hostname(), ".")), place(u)
	return slices.ContainsFunc(hosts, func(host string) bool {
		host = hostname.ASCII(strings.TrimSuffix(host, "."))
		return host == name || host == at || host == bracketed(name)
	})
}

// Secrets returns the texts of a link that must not be shown.
func (l Link) Secrets() []string {
	const telling = 16 // shorter ones are names and numbers
	all := []string{l.URL.String(), l.URL.RequestURI()}
	if p := l.URL.EscapedPath(); !l.Own && len(p) >= telling {
		all = append(all, p, l.URL.Path)
	}
	for pair := range strings.SplitSeq(l.URL.RawQuery, "&") {
		_, value, _ := strings.Cut(pair, "=")
		if len(value) < telling {
			continue
		}
		all = append(all, value)
		plain, err := url.QueryUnescape(value)
		if err != nil || plain == value {
			continue
		}
		all = append(all, plain)
		for part := range strings.SplitSeq(plain, "|") { // a portal's scope|data|signature
			if len(part) >= telling {
				all = append(all, part)
			}
		}
	}
	return all
}
