// Whom a node believes, while it runs and from one start to the next: the configuration document and the revocation list.
#include <unordered_set>

#include "assembly/overlay_node.hpp"
#include "files/document_file.hpp"
#include "files/revocation_file.hpp"
#include "phyllo/core/backoff.hpp"

namespace phyllo::node {
namespace {

constexpr core::duration clock_tolerance = std::chrono::minutes(1);  // the overlay's
constexpr auto settled_looked_at_every = std::chrono::milliseconds(200);
constexpr auto save_every = std::chrono::seconds(30);
constexpr auto fetched_within = std::chrono::seconds(20);
constexpr core::duration links_first = std::chrono::seconds(3);  // most take the list of their neighbours meanwhile
constexpr core::duration asked_for_list_again = std::chrono::seconds(10);
constexpr core::duration asked_for_list_rarely = std::chrono::minutes(5);

}  // namespace

// Only what is in force is kept: at the next start it is believed.
core::status overlay_node::adopt_first_document() {
  if (auto done = trust_.update(document_->content.root_certificates, document_->content.bad_nodes); !done) return done;
  if (authority_) return {};  // its own document is in the CA's directory
  if (const auto kept = keep_document(configuration_, *document_); !kept) log_.warning("{}", kept.error().message());
  return {};
}

// The servers that give it documents and lists say what time it is, too.
enrollment::time_listener overlay_node::time_listener() {
  return [this](core::told_time t) {
    server_time_ = t;
    if (peer_) return peer_->hear_time(std::move(t));
    if (const auto wrong = clock_by_server(); !wrong.empty()) log_.warning("{}", wrong);
  };
}

// For people, before the overlay compares clocks; empty: nothing is wrong with this node's, as far as a server has said.
std::string overlay_node::clock_by_server() const {
  if (!server_time_) return {};
  const auto own = std::chrono::duration_cast<core::duration>(env_.wall_now().time_since_epoch()) - env_.now().time_since_epoch();
  const auto ahead = server_time_->shows - own;
  if (std::chrono::abs(ahead) <= clock_tolerance) return {};
  return core::text_of_difference(ahead, "that of the server " + server_time_->by);
}

void overlay_node::on_document(const identity::parsed_configuration& document) {
  if (duties_) return duties_->hear_of_document(document.text);
  if (authority_) return;
  publish(document);
  if (const auto kept = keep_document(configuration_, document); !kept) log_.warning("{}", kept.error().message());
}

void overlay_node::load_kept_revocations() {
  const auto loaded = load_revocations(configuration_, document_->content, trust_, env_.wall_now());
  if (!loaded) log_.warning("the revocation list kept on disk is not used: {}", loaded.error().message());
  kept_revocations_ = trust_.revocations().number();
  trust_.revocations().observe([this](const std::vector<identity::node_id>& keys) { on_revoked(keys); });
}

// A node that is in no ring hears nothing of what has been revoked since it was: perhaps its own certificate, which is why it is in none.
// The bootstrap servers tell it; and the first ones of a ring, who have no list yet.
bool overlay_node::cut_off() const {
  if (state_ == node_state::joining) return true;
  if (state_ != node_state::ready) return false;
  const auto status = peer_->status();
  return status.client ? status.attachments.empty() : alone() || status.state == overlay::peer_state::joining;
}

core::awaitable<void> overlay_node::learn_revocations() {
  core::backoff pause(env_, asked_for_list_again, asked_for_list_rarely);
  co_await core::sleep_for(env_, links_first);
  while (true) {  // ends by cancellation
    const bool wanted = cut_off() || trust_.revocations().number() == 0;
    if (wanted) co_await fetch_revocations();
    if (!wanted) pause.reset();
    const auto span = pause.next();
    co_await core::sleep_for(env_, span);
  }
}

core::awaitable<void> overlay_node::fetch_revocations() {
  auto urls = configuration_.bootstrap.urls;  // a reload may change them meanwhile
  const auto& login = document_->content.enrollment_servers;
  urls.insert(urls.end(), login.begin(), login.end());
  for (const auto& url : urls) {
    auto options = client_options_of(configuration_, time_listener());
    if (!options) co_return;
    const auto text = co_await enrollment::fetch_revocations(env_, std::move(*options), url, env_.now() + fetched_within);
    if (!text) continue;
    const auto taken = take_revocations(core::as_bytes(*text), document_->content, trust_, env_.wall_now());
    if (taken) co_return;
    log_.warning("the revocation list of {} is refused: {}", url, taken.error().message());
  }
}

// What keeps it from the others; empty: nothing.
std::string overlay_node::apart() const {
  if (state_ == node_state::joining) return "the login server is not in the ring yet: " + waiting_for_;
  if (state_ != node_state::ready) return "the login server drains";
  if (alone() && others_known_ && !meant_alone_) return "the login server is alone: none of the other nodes is in the ring with it";
  return {};
}

core::awaitable<core::result<overlay::revocation_reach>> overlay_node::settle(std::int64_t change, core::time_point deadline) {
  if (!authority_) co_return core::fail(errc::refused, "this node is no login server");
  while (!duties_ && state_ == node_state::joining && env_.now() < deadline)
    co_await core::sleep_for(env_, settled_looked_at_every);  // ends when it has joined, or then
  if (!duties_) co_return core::fail(errc::timed_out, apart());
  std::function<std::string()> kept_apart = [this] { return apart(); };
  co_return co_await duties_->settle(change, std::move(kept_apart), deadline);
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
  const std::unordered_set<identity::node_id> revoked(keys.begin(), keys.end());
  if (certificate_) {
    const auto& own = enrolled_->certificate;
    if (revoked.contains(own.node()) || revoked.contains(own.user_key()) || revoked.contains(identity::outdated_user(own.user())))
      certificate_->look();
  }
  if (!sip_) return;
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
