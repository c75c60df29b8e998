#include "platform/pg/advisory_lock.h"

namespace pg {

bool TryLock(Tx& tx, std::string_view name) { return tx.Exec(kTryLock, name)[0].Text(0) == "t"; }

}  // namespace pg
