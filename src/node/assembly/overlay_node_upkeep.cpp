// What goes on while a node runs: documents, files.
#include "assembly/overlay_node.hpp"
#include "files/bindings_file.hpp"
#include "phyllo/core/mailbox.hpp"
#include "phyllo/identity/errc.hpp"

namespace phyllo::node {
namespace {

constexpr auto fetch_document_every = std::chrono::minutes(10);  // news come by the overlay; this finds what was missed
constexpr auto keep_bindings_every = std::chrono::seconds(2);

core::awaitable<void> leave_and_tell(overlay::peer& p, core::mailbox<bool>& done) {
  co_await p.leave();
  done.push(true);
}

}  // namespace

core::awaitable<void> overlay_node::refresh_document() {
  while (true) {  // ends by cancellation
    const auto span = core::random_between(env_, fetch_document_every / 2, fetch_document_every);
    (void)co_await document_wanted_.receive(env_.now() + span);
    auto document = co_await try_document(env_, configuration_, time_listener());
    if (!document || document->content.sequence == document_->content.sequence) continue;
    const auto adopted = co_await peer_->adopt(document->text);  // on_document() hears of it
    if (!adopted && !(adopted.error() == identity::errc::older_document))
      log_.warning("the bootstrap server's document is not adopted: {}", adopted.error().message());
  }
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
