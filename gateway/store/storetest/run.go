package storetest

import "testing"

// Run checks the contract.
func Run(t *testing.T, place Factory) {
	for _, c := range []struct {
		name string
		test func(*testing.T, Factory)
	}{
		{"messages", testMessages},
		{"state", testState},
		{"standing", testStanding},
		{"filed elsewhere", testFiled},
		{"isolation", testIsolation},
		{"cases", testCases},
		{"descriptions", testDescriptions},
		{"description pages", testDescriptionPages},
		{"description limits", testDescriptionLimits},
		{"timers", testTimers},
		{"timers of older documents", testUnreadTimers},
		{"outbox", testOutbox},
		{"next due", testNextDue},
		{"lanes", testLanes},
		{"outbox pages", testOutboxPages},
		{"evidence", testEvidence},
		{"opening", testOpening},
		{"space", testSpace},
		{"closing", testClosing},
		{"backup", testBackup},
		{"tampering", testTampering},
		{"other history", testOtherHistory},
		{"crash points", testCrashPoints},
		{"failures", testFailures},
		{"erasure cut short", testErasureCutShort},
		{"concurrent model", testConcurrentModel},
		{"outbox model", testOutboxModel},
		{"permits", testPermits},
		{"mail", testMail},
		{"blobs", testBlobs},
		{"staging leaves no case", testStagingLeavesNoCase},
		{"receipts", testReceipts},
		{"lone receipt", testLoneReceipt},
		{"sealing", testSealing},
		{"tiles", testTiles},
		{"cosignatures", testCosignatures},
		{"erasing keeps the log", testEraseKeepsLog},
		{"erase", testErase},
		{"erase reaches backups", testEraseReachesBackups},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t, place)
		})
	}
}
