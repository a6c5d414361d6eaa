// Package permits makes and proves data permits: the signed ehds-permit+jwt of a health data access
// body, and the status list that says whether it still stands.
//
// It is for the gateway, which signs, and for anybody who holds a permit and a trust file: Verify
// needs no gateway and no network. A permit carries the trust chain it was signed under, so it can
// be proved from itself against a pinned anchor; its status lives outside its signature. What cannot
// be decided offline is "cannot tell", never "valid".
package permits
