#include "tests/simulation/caller.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace simulation {
namespace {

constexpr absl::Duration kDeadline = absl::Seconds(10);
// A caller hangs up a little after its deadline.
constexpr absl::Duration kPatience = absl::Seconds(12);
// Then even a caller with a key gives up.
constexpr std::size_t kTriesMax = 4;

absl::Time ToMicros(absl::Time time) { return absl::FromUnixMicros(absl::ToUnixMicros(time)); }

// What one answer tells. A key in use may be so by this try's own first run.
Known KnownBy(const absl::Status& status) {
  if (status.ok()) return Known::kAcknowledged;
  if (absl::IsResourceExhausted(status) || absl::IsDeadlineExceeded(status) ||
      absl::IsNotFound(status) || absl::IsAlreadyExists(status)) {
    return Known::kNothing;
  }
  return Known::kUnknown;
}

orders::Money Cents(Dice& dice, std::size_t min, std::size_t max) {
  return orders::Money::FromMinorUnits(static_cast<std::int64_t>(min + dice.Below(max - min)));
}

}  // namespace

// Tries until one listens.
template <typename Service>
Copy<Service>& Caller::RunningOneOf(std::vector<std::unique_ptr<Copy<Service>>>& copies) {
  while (true) {
    Copy<Service>& copy = *world_.scheduler_.dice().Pick(copies);
    if (copy.service() != nullptr) return copy;
    world_.scheduler_.SleepFor(absl::Milliseconds(20));
  }
}

template <typename Answer, typename Service, typename Submit>
absl::StatusOr<Answer> Caller::Call(std::vector<std::unique_ptr<Copy<Service>>>& copies,
                                    Submit submit) {
  Copy<Service>& copy = RunningOneOf(copies);
  struct Reply {
    std::optional<absl::StatusOr<Answer>> answer;
    Signal came;
  };
  const auto reply = std::make_shared<Reply>();
  const Process& process = copy.process();
  {
    const ActAs within(copy.process());
    submit(*copy.service(), host::Now(), [reply](absl::StatusOr<Answer> answer) {
      reply->answer = std::move(answer);
      reply->came.Notify();
    });
  }
  const SteadyTime until = world_.scheduler_.now() + absl::ToChronoNanoseconds(kPatience);
  while (!reply->answer && !process.killed && world_.scheduler_.now() < until) {
    world_.scheduler_.WaitUntil(until, {&reply->came, &copy.changed()});
  }
  if (!reply->answer) return absl::UnknownError("no answer");
  return *std::move(reply->answer);
}

void Caller::Run(std::size_t calls) {
  Dice& dice = world_.scheduler_.dice();
  // Some order before they have an account, or never get one.
  const std::size_t opens_at = dice.Percent(60) ? 0 : dice.Below(2 * calls);
  for (std::size_t i = 0; i < calls; ++i) {
    if (i == opens_at) OpenAccount();
    world_.scheduler_.SleepFor(dice.Between(absl::ZeroDuration(), absl::Milliseconds(250)));
    const std::size_t choice = dice.Below(100);
    if (choice < 5) {
      OrderTheImpossible();
    } else if (choice < 40) {
      TopUp();
    } else {
      Order();
    }
  }
}

void Caller::TryWith(bool has_key, const std::function<Known()>& one_try) {
  Dice& dice = world_.scheduler_.dice();
  const auto try_until_told = [&] {
    for (std::size_t tries = 0; tries < kTriesMax && one_try() != Known::kAcknowledged; ++tries) {
      if (!has_key) return;
      world_.scheduler_.SleepFor(dice.Between(absl::ZeroDuration(), absl::Milliseconds(300)));
    }
  };
  if (has_key && dice.Percent(30)) {
    ++twins_;
    world_.scheduler_.Spawn(process_, "twin", [&] {
      try_until_told();
      --twins_;
      twin_ended_.Notify();
    });
  }
  try_until_told();
  while (twins_ > 0 && !process_.killed) {
    world_.scheduler_.WaitUntil(SteadyTime::max(), {&twin_ended_});
  }
}

std::optional<types::IdempotencyKey> Caller::MaybeKey() {
  if (world_.scheduler_.dice().Percent(40)) return std::nullopt;
  return types::IdempotencyKey::Parse(
      absl::StrCat(world_.scheduler_.current_task_name(), "-", ++keys_));
}

Known Caller::Note(Tries& tries, const absl::Status& status, const std::string& acknowledged) {
  const Known known = KnownBy(status);
  tries.known = std::max(tries.known, known);
  if (known == Known::kAcknowledged) tries.acknowledged.insert(acknowledged);
  if (absl::IsInternal(status) || absl::IsFailedPrecondition(status)) {
    world_.books_.violations.push_back(absl::StrCat("an honest call got ", status.ToString()));
  }
  return known;
}

void Caller::OpenAccount() {
  std::size_t index = 0;
  const absl::StatusOr<payments::Account> answer = Call<payments::Account>(
      world_.payments_, [&](PaymentsService& service, absl::Time now, auto done) {
        const payments::Account account{.id = payments::AccountId::New(now),
                                        .user_id = user_id_,
                                        .balance = payments::Money(),
                                        .create_time = ToMicros(now)};
        index = world_.books_.accounts.size();
        world_.books_.accounts.push_back({.account = account});
        service.create.Submit({account}, now + kDeadline, std::move(done));
      });
  world_.books_.accounts[index].known = KnownBy(answer.status());
  world_.scheduler_.Trace("account: ", answer.status().ToString());
}

void Caller::TopUp() {
  const std::size_t call = world_.books_.top_ups.size();
  world_.books_.top_ups.push_back({.command = {.entry_id = {},
                                               .user_id = user_id_,
                                               .amount = Cents(world_.scheduler_.dice(), 100, 500),
                                               .create_time = {},
                                               .idempotency_key = MaybeKey()}});
  TryWith(world_.books_.top_ups[call].command.idempotency_key.has_value(),
          [this, call] { return TryTopUp(call); });
}

Known Caller::TryTopUp(std::size_t call) {
  const absl::StatusOr<payments::ToppedUp> answer = Call<payments::ToppedUp>(
      world_.payments_, [&](PaymentsService& service, absl::Time now, auto done) {
        payments::TopUpCommand command = world_.books_.top_ups[call].command;
        command.entry_id = payments::EntryId::New(now);
        command.create_time = ToMicros(now);
        world_.books_.top_ups[call].tries.ids.insert(command.entry_id.ToString());
        service.top_up.Submit(std::move(command), now + kDeadline, std::move(done));
      });
  world_.scheduler_.Trace("top-up: ", answer.status().ToString());
  world_.scheduler_.Count(answer.ok() ? "top-ups acknowledged" : "top-ups not acknowledged");
  return Note(world_.books_.top_ups[call].tries, answer.status(),
              answer.ok() ? absl::StrCat(answer->balance.minor_units()) : "");
}

void Caller::Order() {
  const std::size_t call = world_.books_.orders.size();
  orders::Order order =
      orders::NewOrder(user_id_, Cents(world_.scheduler_.dice(), 50, 300),
                       absl::StrCat("order ", call), world_.scheduler_.wall_now());
  order.idempotency_key = MaybeKey();
  world_.books_.orders.push_back({.order = std::move(order)});
  TryWith(world_.books_.orders[call].order.idempotency_key.has_value(),
          [this, call] { return TryOrder(call); });
}

Known Caller::TryOrder(std::size_t call) {
  std::string id;
  const absl::StatusOr<orders::CreatedOrder> answer = Call<orders::CreatedOrder>(
      world_.orders_, [&](OrdersService& service, absl::Time now, auto done) {
        const orders::Order& asked = world_.books_.orders[call].order;
        orders::Order order =
            orders::NewOrder(user_id_, asked.amount, asked.description, ToMicros(now));
        order.idempotency_key = asked.idempotency_key;
        id = order.id.ToString();
        world_.books_.orders[call].tries.ids.insert(id);
        service.create.Submit(
            {.order = std::move(order), .event_id = types::Uuid::V7(now), .trace = ""},
            now + kDeadline, std::move(done));
      });
  world_.scheduler_.Trace("order ", id, ": ", answer.status().ToString());
  world_.scheduler_.Count(answer.ok() ? "orders acknowledged" : "orders not acknowledged");
  if (answer.ok() && answer->replayed) world_.scheduler_.Count("orders replayed by key");
  return Note(world_.books_.orders[call].tries, answer.status(),
              answer.ok() ? answer->order.id.ToString() : "");
}

void Caller::OrderTheImpossible() {
  const absl::StatusOr<orders::CreatedOrder> answer = Call<orders::CreatedOrder>(
      world_.orders_, [&](OrdersService& service, absl::Time now, auto done) {
        orders::Order order =
            orders::NewOrder(user_id_, orders::Money::FromMinorUnits(1), "", ToMicros(now));
        order.description = std::string(orders::kDescriptionCharactersMax + 1, 'x');
        service.create.Submit({.order = order, .event_id = types::Uuid::V7(now), .trace = ""},
                              now + kDeadline, std::move(done));
      });
  if (answer.ok()) world_.books_.violations.push_back("an impossible order was acknowledged");
}

}  // namespace simulation
