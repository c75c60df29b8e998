#include "platform/messaging/inbox_consumer.h"

#include <utility>

#include "platform/messaging/inbox_session.h"

namespace messaging {

InboxConsumer::InboxConsumer(pg::Database& database, InboxConsumerOptions options, UseCase use_case)
    : database_(database),
      options_(std::move(options)),
      use_case_(std::move(use_case)),
      loop_(options_.loop, [this](amqp::Link& link) {
        return InboxSession(database_, options_, use_case_, loop_, link).Run();
      }) {}

}  // namespace messaging
