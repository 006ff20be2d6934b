#include "assembly/document_keeper.hpp"

#include "assembly/enrollment.hpp"
#include "files/document_file.hpp"
#include "phyllo/identity/errc.hpp"

namespace phyllo::node {
namespace {

constexpr auto fetch_document_every = std::chrono::minutes(10);  // news come by the overlay; this finds what was missed

}  // namespace

core::awaitable<identity::parsed_configuration> document_keeper::first() {
  if (parts_.login.enabled()) co_return co_await parts_.login.document();
  co_return co_await await_document(parts_.env, parts_.settings, log_.of("enrollment"), parts_.progress.listener(),
                                    parts_.clock.listener());
}

core::awaitable<bool> document_keeper::obtain() {
  document_ = co_await first();
  if (const auto done = adopt_first(); !done) {
    parts_.progress.waiting_for = "the configuration document's certificates: " + done.error().message();
    log_.error("{}", parts_.progress.waiting_for);
    co_return false;
  }
  publish(*document_);
  co_return true;
}

// Only what is in force is kept: at the next start it is believed.
core::status document_keeper::adopt_first() {
  if (auto done = parts_.trust.update(document_->content.root_certificates, document_->content.bad_nodes); !done) return done;
  if (!parts_.login.enabled()) keep(*document_);  // a login server's own document is in the CA's directory
  return {};
}

void document_keeper::keep(const identity::parsed_configuration& document) {
  if (const auto kept = keep_document(parts_.settings, document); !kept) log_.warning("{}", kept.error().message());
}

void document_keeper::publish(const identity::parsed_configuration& document) {
  document_ = document;
  parts_.server.publish(document_->text, parts_.login.signer());
}

void document_keeper::on_document(const identity::parsed_configuration& document) {
  if (parts_.login.hear_of_document(document) || parts_.login.enabled()) return;
  publish(document);
  keep(document);
}

core::awaitable<void> document_keeper::refresh(overlay::peer& p) {
  while (true) {  // ends by cancellation
    const auto span = core::random_between(parts_.env, fetch_document_every / 2, fetch_document_every);
    (void)co_await wanted_.receive(parts_.env.now() + span);
    auto document = co_await try_document(parts_.env, parts_.settings, parts_.clock.listener());
    if (!document || document->content.sequence == document_->content.sequence) continue;
    const auto adopted = co_await p.adopt(document->text);  // on_document() hears of it
    if (!adopted && !(adopted.error() == identity::errc::older_document))
      log_.warning("the bootstrap server's document is not adopted: {}", adopted.error().message());
  }
}

}  // namespace phyllo::node
