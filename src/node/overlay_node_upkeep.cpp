// What goes on while a node runs: documents, certificates, files.
#include "bindings_file.hpp"
#include "credential_file.hpp"
#include "document_file.hpp"
#include "overlay_node.hpp"
#include "phyllo/core/mailbox.hpp"
#include "phyllo/enrollment/domain_keys.hpp"
#include "phyllo/identity/errc.hpp"

namespace phyllo::node {
namespace {

constexpr auto look_for_changes_every = std::chrono::seconds(2);
constexpr auto publish_at_most_every = std::chrono::seconds(30);  // changes are batched: each document reaches every node
constexpr auto fetch_document_every = std::chrono::minutes(10);   // news come by the overlay; this finds what was missed
constexpr auto keep_bindings_every = std::chrono::seconds(2);
constexpr auto retry_renewal_after = std::chrono::minutes(1);
constexpr auto look_at_bad_nodes_every = std::chrono::seconds(10);
constexpr auto look_at_clock_every = std::chrono::seconds(10);

core::awaitable<void> leave_and_tell(overlay::peer& p, core::mailbox<bool>& done) {
  co_await p.leave();
  done.push(true);
}

}  // namespace

// The login server: what the document says may change, and a document grow old. After a reload it does not wait.
core::awaitable<void> overlay_node::watch_document() {
  auto next = env_.now();
  while (true) {  // ends by cancellation
    const auto wanted = co_await document_wanted_.receive(env_.now() + look_for_changes_every);
    if (!wanted && env_.now() < next) continue;
    const auto sequence = document_->content.sequence;
    co_await publish_document();
    if (document_->content.sequence != sequence) next = env_.now() + publish_at_most_every;
  }
}

core::awaitable<void> overlay_node::publish_document() {
  auto document = own_document();
  if (!document) {
    log_.error("the configuration document: {}", document.error().message());
    co_return;
  }
  if (document->content.sequence == document_->content.sequence) co_return;
  document_ = std::move(*document);
  log_.info("configuration document {} published", document_->content.sequence);
  bootstrap_->publish(document_->text, authority_->signer.certificate.pem());
  const auto adopted = co_await peer_->adopt(document_->text);
  if (!adopted) log_.error("the overlay refuses the document: {}", adopted.error().message());
}

core::awaitable<void> overlay_node::refresh_document() {
  while (true) {  // ends by cancellation
    const auto span = core::random_between(env_, fetch_document_every / 2, fetch_document_every);
    (void)co_await document_wanted_.receive(env_.now() + span);
    auto document = co_await try_document(env_, configuration_);
    if (!document || document->content.sequence == document_->content.sequence) continue;
    const auto adopted = co_await peer_->adopt(document->text);  // on_document() hears of it
    if (!adopted && !(adopted.error() == identity::errc::older_document))
      log_.warning("the bootstrap server's document is not adopted: {}", adopted.error().message());
  }
}

// A password that was changed elsewhere revokes the certificate, too: with the new one in node.password_file the node comes back.
bool overlay_node::renewal_due(core::wall_time due) const { return env_.wall_now() >= due || trust_.revoked(enrolled_->certificate); }

// The wall clock decides, and may jump: it is looked at again and again instead of slept for.
core::awaitable<void> overlay_node::renew_credential() {
  auto due = renewal_time(enrolled_->certificate, env_.wall_now());
  while (true) {  // ends by cancellation
    co_await core::sleep_for(env_, look_at_clock_every);
    if (!renewal_due(due)) continue;
    forget_useless_credential(configuration_, trust_, env_.wall_now());
    core::result<identity::credential> got = core::fail(errc::refused);
    if (authority_) {
      got = enrol_with(env_, configuration_, *authority_, *accounts_);
    } else {
      got = co_await try_renewal(env_, configuration_, document_->content, *enrolled_);
    }
    if (got) {
      enrolled_ = std::move(*got);
      due = renewal_time(enrolled_->certificate, env_.wall_now());
      *credential_ = *enrolled_;  // same Node-ID, same user: only what is signed from now on changes
      host_->replace_credential(std::make_shared<identity::credential>(*enrolled_));
      log_.info("certificate renewed");
      co_await keys_->refresh();  // it may say other domains
    } else {
      log_.warning("certificate not renewed: {}", got.error().message());
      co_await core::sleep_for(env_, retry_renewal_after);
    }
  }
}

// Those that the operator has listed: an account that is removed rotates its domains' keys with that.
void overlay_node::rotate_for_bad_nodes() {
  if (env_.now() < bad_nodes_looked_at_ + look_at_bad_nodes_every) return;
  bad_nodes_looked_at_ = env_.now();
  auto nodes = read_bad_nodes(configuration_);
  if (!nodes) return;  // the document's upkeep says why
  if (auto done = accounts_->rotate_domain_keys_for(std::move(*nodes)); !done) log_.error("domain keys: {}", done.error().message());
}

core::awaitable<core::result<identity::domain_keyring>> overlay_node::fetch_keys() {
  if (authority_) rotate_for_bad_nodes();
  if (authority_) co_return enrollment::keyring_of(*accounts_, enrolled_->certificate.domains());
  if (enrolled_->certificate.domains().empty()) co_return identity::domain_keyring();
  co_return co_await try_domain_keys(env_, configuration_, document_->content, *enrolled_);
}

core::awaitable<void> overlay_node::keep_bindings() {
  while (true) {  // ends by cancellation
    co_await core::sleep_for(env_, keep_bindings_every);
    keep_bindings_now();
  }
}

void overlay_node::keep_bindings_now() {
  const auto kept = save_bindings(configuration_, sip_->take_bindings(bindings_lost_));
  if (!kept && !bindings_lost_) log_.warning("the phones registered here are not kept for the next start: {}", kept.error().message());
  bindings_lost_ = !kept;
}

core::awaitable<void> overlay_node::flush_pcap() {
  while (true) {  // ends by cancellation
    co_await core::sleep_for(env_, std::chrono::seconds(1));
    pcap_->flush();
  }
}

// The peer hands over for as long as it takes, we wait for as long as we may.
core::awaitable<void> overlay_node::leave(core::time_point deadline) {
  core::mailbox<bool> left(env_, 1);
  core::task_scope leaving(env_);
  leaving.spawn(leave_and_tell(*peer_, left));
  const auto done = co_await left.receive(deadline);
  if (!done) log_.warning("others had not synced everything when the time to leave was over");
  leaving.cancel();
  co_await leaving.join();
}

}  // namespace phyllo::node
