package archtest

import "testing"

func TestPackageStateBites(t *testing.T) {
	of := func(src string) map[string]string { return map[string]string{"x/x.go": "package x\n" + src} }
	checkSamples(t, packageState, []sample{
		{"init", of(`func init() {}`), "init runs before main"},
		{"counter", of(`var n int`), "n has no value"},
		{"lock", of(`import "sync"; var mu sync.Mutex`), "mu has no value"},
		{"lock with a value", of(`import "sync"; var mu = sync.Mutex{}`), "holds a sync.Mutex"},
		{"made map", of(`var m = make(map[string]int)`), "is made empty"},
		{"channel", of(`var c = make(chan int)`), "is made empty"},
		{"channel of its own", of(`func f() chan int { return nil }; var c = f()`), "holds a channel"},
		{"new", of(`var p = new(int)`), "holds a pointer"},
		{"pointer to another's type", of(`import "net/http"; var c = &http.Client{}`), "holds a pointer"},
		{"pointer to a lock", of(`import "sync"; type t struct { sync.Mutex }; var p = &t{}`), "holds a pointer"},
		{"pointer in a table", of(`import "net/http"; var c = []any{&http.Client{}}`), "holds a pointer"},
		{"pointer that is written through", of(`type t struct{ n int }; var p = &t{1}; func f() { p.n = 2 }`), "a t, which a package variable points at"},
		{"written through a method", of(`type t struct{ n int }; var p = &t{1}; func (x *t) f() { x.n++ }`), "a t, which a package variable points at"},
		{"unknown maker", of(`import "time"; var z = time.LoadLocation("")`), "is made by time.LoadLocation"},
		{"assigned", of(`var n = 1; func f() { n = 2 }`), "assigns to the package variable n"},
		{"assigned in another file", map[string]string{"x/a.go": "package x\nvar n = 1", "x/b.go": "package x\nfunc f() { n = 2 }"}, "x/b.go:2: assigns to the package variable n"},
		{"counted", of(`var n = 1; func f() { n++ }`), "counts in the package variable n"},
		{"table changed", of(`var m = map[string]int{}; func f() { m["a"] = 1 }`), "assigns to the package variable m"},
		{"table emptied", of(`var m = map[string]int{}; func f() { delete(m, "a") }`), "deletes in the package variable m"},
		{"field changed", of(`var v = struct{ n int }{}; func f() { v.n = 1 }`), "assigns to the package variable v"},
		{"address taken", of(`var n = 1; func f() *int { return &n }`), "takes the address of the package variable n"},
		{"range", of(`var n = 1; func f() { for n = range 3 {} }`), "assigns to the package variable n"},
		{"another's variable", of(`import "net/http"; func f() { http.DefaultClient = nil }`), "http.DefaultClient of another package"},
		{"exported table", of(`var Table = []int{1}`), "exported package variable Table"},
		{"sentinels", of(`import ("errors"; "fmt"); var ErrX = errors.New("x"); var ErrY = fmt.Errorf("y: %w", ErrX)`), ""},
		{"rules", of(`type rule string; func (r rule) Error() string { return string(r) }; func newRule(s string) error { return rule(s) }; var ErrX = newRule("x")`), ""},
		{"embed", of("import _ \"embed\"\n//go:embed x.txt\nvar text string"), ""},
		{"pattern", of(`import "regexp"; var form = regexp.MustCompile("x")`), ""},
		{"guard", of(`import "io"; type t struct{}; var _ io.Reader = (*t)(nil)`), ""},
		{"table", of(`var m = map[string][]int{"a": {1}}; func f() int { m := map[string]int{}; m["b"] = 2; return m["b"] }`), ""},
		{"table behind a pointer", of(`type t struct{ n int }; var p = &t{1}; func f() int { return p.n }`), ""},
		{"local of the same name", of(`var n = 1; func f() { n := 2; n++; _ = &n }`), ""},
		{"parameter of the same name", of(`var n = 1; func f(n int) { n = 2 }`), ""},
		{"tests may", map[string]string{"x/x_test.go": "package x\nvar n int\nfunc f() { n++ }"}, ""},
	})
}
