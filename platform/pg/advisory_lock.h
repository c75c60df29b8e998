#ifndef PLATFORM_PG_ADVISORY_LOCK_H_
#define PLATFORM_PG_ADVISORY_LOCK_H_

#include <string_view>

#include "platform/pg/statement.h"
#include "platform/pg/tx.h"

namespace pg {

// To be prepared by every pool whose transactions call TryLock.
inline constexpr Statement kTryLock{"pg_try_lock", R"sql(
    SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)))sql"};

// Takes the database's lock of this name until the transaction ends. False, without
// a wait, if another transaction has it: of any number of copies one does the work.
bool TryLock(Tx& tx, std::string_view name);

}  // namespace pg

#endif  // PLATFORM_PG_ADVISORY_LOCK_H_
