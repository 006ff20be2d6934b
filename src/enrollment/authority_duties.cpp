#include "phyllo/enrollment/authority_duties.hpp"

#include <fmt/format.h>

#include "phyllo/core/errc.hpp"
#include "revocation_signer.hpp"

namespace phyllo::enrollment {
namespace {

constexpr auto configuration_read_every = std::chrono::seconds(2);
constexpr auto publish_at_most_every = std::chrono::seconds(30);  // changes are batched: each document reaches every node
constexpr core::duration compared_first_after = std::chrono::seconds(1);
constexpr core::duration compared_every = std::chrono::seconds(20);
constexpr auto accounts_looked_at_every = std::chrono::seconds(1);
constexpr auto sign_at_most_every = std::chrono::seconds(5);  // what changes meanwhile goes together
constexpr auto others_asked_within = std::chrono::seconds(5);
constexpr auto settled_looked_at_every = std::chrono::milliseconds(200);

}  // namespace

authority_duties::authority_duties(parts p, identity::parsed_configuration document,
                                   std::function<void(const identity::parsed_configuration& document)> published, core::logger log)
    : parts_(p),
      document_(std::move(document)),
      published_(std::move(published)),
      log_(std::move(log)),
      signer_(std::make_unique<revocation_signer>(p.settings, p.accounts, p.authority.signer, p.trust)),
      wanted_(p.env, 1) {}

authority_duties::~authority_duties() = default;

void authority_duties::look() { wanted_.push(true); }

// After a reload it does not wait.
core::awaitable<void> authority_duties::publish_documents() {
  auto next = parts_.env.now();
  while (true) {  // ends by cancellation
    const auto wanted = co_await wanted_.receive(parts_.env.now() + configuration_read_every);
    if (!wanted && parts_.env.now() < next) continue;
    const auto sequence = document_.content.sequence;
    co_await publish();
    if (document_.content.sequence != sequence) next = parts_.env.now() + publish_at_most_every;
  }
}

core::awaitable<void> authority_duties::publish() {
  auto document = current_document(parts_.env, parts_.settings, parts_.authority, least_);
  if (!document) {
    log_.error("the configuration document: {}", document.error().message());
    co_return;
  }
  if (document->content.sequence == document_.content.sequence) co_return;
  document_ = std::move(*document);
  log_.info("configuration document {} published", document_.content.sequence);
  published_(document_);
  const auto adopted = co_await parts_.peer.adopt(document_.text);
  if (!adopted) log_.error("the overlay refuses the document: {}", adopted.error().message());
}

core::awaitable<void> authority_duties::compare_documents() {
  core::duration pause = compared_first_after;
  while (true) {  // ends by cancellation
    co_await core::sleep_for(parts_.env, pause);
    const auto text = co_await parts_.peer.document_of_another();
    if (text) hear_of_document(*text);
    pause = core::random_between(parts_.env, compared_every / 2, compared_every);
  }
}

void authority_duties::hear_of_document(std::string_view text) {
  const auto above = sequence_above(document_, text, parts_.env.wall_now());
  if (!above) return log_.warning("another node has a configuration document that is not this login server's: {}", above.error().message());
  if (!*above || least_ >= **above) return;
  least_ = **above;
  log_.warning(
      "the overlay has a configuration document of sequence {} that this login server does not know: its data are those of a backup? It "
      "goes on with {}",
      **above - 1, **above);
  look();
}

// The first list of this start succeeds what the others have, whose list may be newer than the one kept here.
core::awaitable<void> authority_duties::sign_revocations() {
  co_await parts_.peer.reach_of_revocations(parts_.env.now() + others_asked_within);
  while (true) {  // ends by cancellation
    const auto pause = sign();
    tell_unknown();
    co_await core::sleep_for(parts_.env, pause);
  }
}

// Until the next look.
core::duration authority_duties::sign() {
  auto next = signer_->due(parts_.env.wall_now());
  if (!next) log_.error("the revocation list: {}", next.error().message());
  if (!next) return sign_at_most_every;
  if (!*next) return accounts_looked_at_every;
  const auto number = (*next)->head.number;
  const auto entries = (*next)->head.entries;
  const auto taken = parts_.peer.take_revocations(std::move(**next));
  if (taken) log_.info("revocation list {} signed, {} entries", number, entries);
  if (!taken) log_.error("the revocation list is refused: {}", taken.error().message());
  return sign_at_most_every;
}

void authority_duties::tell_unknown() {
  const auto unknown = signer_->unknown_users();
  if (unknown == unknown_told_) return;
  unknown_told_ = unknown;
  if (unknown == 0) return;
  log_.warning(
      "the overlay has revoked {} users of whose revocation the accounts here know nothing: those of a backup? They stay revoked; accounts "
      "that were removed since then exist again",
      unknown);
}

core::awaitable<core::result<overlay::revocation_reach>> authority_duties::settle(std::int64_t change, std::function<std::string()> apart,
                                                                                  core::time_point deadline) {
  while (true) {  // ends when it is so, or at the deadline
    auto why = apart();
    if (why.empty() && !signer_->says(change)) why = "the revocation list is not signed yet";
    if (why.empty()) {
      const auto reach = co_await parts_.peer.reach_of_revocations(deadline);
      if (reach.have == reach.of && signer_->says(change) && apart().empty()) co_return reach;
      why = fmt::format("{} of {} nodes beside the login server have revocation list {}", reach.have, reach.of, reach.number);
    }
    if (ended_ || parts_.env.now() >= deadline) co_return core::fail(core::errc::timed_out, why);
    co_await core::sleep_for(parts_.env, settled_looked_at_every);
  }
}

}  // namespace phyllo::enrollment
