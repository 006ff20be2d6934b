// Whom a node believes, while it runs and from one start to the next: the configuration document and the revocation list.
#include <unordered_set>

#include "document_file.hpp"
#include "overlay_node.hpp"
#include "revocation_file.hpp"

namespace phyllo::node {
namespace {

constexpr auto look_for_revocations_every = std::chrono::seconds(1);
constexpr auto sign_at_most_every = std::chrono::seconds(5);  // what changes meanwhile goes together
constexpr auto save_every = std::chrono::seconds(30);
constexpr auto fetched_within = std::chrono::seconds(20);
constexpr auto links_first = std::chrono::seconds(10);        // most take the list of their neighbours meanwhile
constexpr auto whole_list_within = std::chrono::seconds(60);  // whoever holds what is lacking may be gone

}  // namespace

// Only what is in force is kept: at the next start it is believed.
core::status overlay_node::adopt_first_document() {
  if (auto done = trust_.update(document_->content.root_certificates, document_->content.bad_nodes); !done) return done;
  if (authority_) return {};  // its own document is in the CA's directory
  if (const auto kept = keep_document(configuration_, *document_); !kept) log_.warning("{}", kept.error().message());
  return {};
}

void overlay_node::on_document(const identity::parsed_configuration& document) {
  if (authority_) return;
  document_ = document;
  bootstrap_->publish(document.text, {});
  if (const auto kept = keep_document(configuration_, document); !kept) log_.warning("{}", kept.error().message());
}

void overlay_node::load_kept_revocations() {
  const auto loaded = load_revocations(configuration_, document_->content, trust_, env_.wall_now());
  if (!loaded) log_.warning("the revocation list kept on disk is not used: {}", loaded.error().message());
  kept_revocations_ = trust_.revocations().number();
  trust_.revocations().observe([this](const std::vector<identity::node_id>& keys) { on_revoked(keys); });
  if (authority_) revocation_signer_ = std::make_unique<revocation_signer>(configuration_, *accounts_, authority_->signer, trust_);
}

// The neighbours have it, if they are many; a bootstrap server is another way, for the first ones of a ring.
core::awaitable<void> overlay_node::fetch_missing_revocations() {
  co_await core::sleep_for(env_, links_first);
  const auto urls = configuration_.bootstrap.urls;  // a reload may change them meanwhile
  for (const auto& url : urls) {
    if (trust_.revocations().number() != 0) co_return;
    auto options = client_options_of(configuration_);
    if (!options) co_return;
    const auto text = co_await enrollment::fetch_revocations(env_, std::move(*options), url, env_.now() + fetched_within);
    if (!text) continue;
    const auto taken = take_revocations(core::as_bytes(*text), document_->content, trust_, env_.wall_now());
    if (!taken) log_.warning("the revocation list of {} is refused: {}", url, taken.error().message());
  }
}

// A login server that comes from a backup has the ring's list to go on from, not its own of then.
core::awaitable<void> overlay_node::hear_of_revocations() {
  if (peer_->status().links.empty()) co_return;
  co_await core::sleep_for(env_, links_first);
  const auto end = env_.now() + whole_list_within;
  while (!trust_.revocations().whole() && env_.now() < end) co_await core::sleep_for(env_, look_for_revocations_every);
}

core::awaitable<void> overlay_node::sign_revocations() {
  co_await hear_of_revocations();
  while (true) {  // ends by cancellation
    auto next = revocation_signer_->due(env_.wall_now());
    core::duration pause = look_for_revocations_every;
    if (!next) {
      log_.error("the revocation list: {}", next.error().message());
      pause = sign_at_most_every;
    } else if (*next) {
      const auto number = (*next)->head.number;
      const auto entries = (*next)->head.entries;
      const auto taken = peer_->take_revocations(std::move(**next));
      if (taken) log_.info("revocation list {} signed, {} entries", number, entries);
      if (!taken) log_.error("the revocation list is refused: {}", taken.error().message());
      pause = sign_at_most_every;
    }
    co_await core::sleep_for(env_, pause);
  }
}

core::awaitable<void> overlay_node::keep_revocations() {
  while (true) {  // ends by cancellation
    co_await core::sleep_for(env_, save_every);
    save_kept_revocations();
  }
}

void overlay_node::save_kept_revocations() {
  const auto& list = trust_.revocations();
  if (!list.whole() || list.number() == kept_revocations_) return;
  if (const auto saved = save_revocations(configuration_, list); !saved) return log_.warning("{}", saved.error().message());
  kept_revocations_ = list.number();
}

// The list names users by a hash: those of them that this node knows are found by it.
void overlay_node::on_revoked(const std::vector<identity::node_id>& keys) {
  if (!sip_) return;
  const std::unordered_set<identity::node_id> revoked(keys.begin(), keys.end());
  const auto gone = [&](const std::string& user) { return revoked.contains(identity::revoked_user(user)); };
  secrets_->forget(gone);
  sip_->withdraw_users(gone);
}

std::string overlay_node::encoded_revocations() {
  const auto& list = trust_.revocations();
  if (list.whole() && list.number() != encoded_number_) {
    encoded_revocations_ = core::as_text(list.encode());
    encoded_number_ = list.number();
  }
  return encoded_revocations_;
}

}  // namespace phyllo::node
