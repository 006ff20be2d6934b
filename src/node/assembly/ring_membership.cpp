#include "assembly/ring_membership.hpp"

#include <filesystem>

#include "assembly/ring_search.hpp"
#include "files/known_peers.hpp"
#include "phyllo/core/backoff.hpp"
#include "phyllo/core/mailbox.hpp"
#include "phyllo/core/task_scope.hpp"

namespace phyllo::node {
namespace {

constexpr auto join_attempt = std::chrono::seconds(30);
constexpr auto join_pause_longest = std::chrono::seconds(5);  // who waits for others must be there when they come
// Until a place of the overlay that is not linked is tried. Of a large ring most are not, and the plug-in looks for what it has lost.
constexpr auto seek_alone_every = std::chrono::seconds(4);
constexpr auto seek_every = std::chrono::seconds(20);
constexpr auto seek_beyond_leaf_set_every = std::chrono::minutes(4);
constexpr core::duration look_for_supernodes_every = std::chrono::seconds(4);
constexpr std::uintmax_t empty_record_file_max = 512;  // its head alone is shorter

bool has_records(const configuration& c) {
  if (c.overlay.records_file.empty()) return false;
  std::error_code no_such_file;
  const auto size = std::filesystem::file_size(c.in_data_directory(c.overlay.records_file), no_such_file);
  return !no_such_file && size > empty_record_file_max;
}

core::awaitable<void> leave_and_tell(overlay::peer& p, core::mailbox<bool>& done) {
  co_await p.leave();
  done.push(true);
}

}  // namespace

ring_membership::ring_membership(const place_search::parts& p, node_progress& progress, const core::logger& log)
    : env_(p.env), configuration_(p.settings), progress_(progress), log_(log), places_(p, log), memory_(p.env, p.settings, log) {}

// node.first starts an overlay that has never been: as soon as anything says that others are or were part of it, a second ring beside
// theirs would be the worst that could happen.
core::awaitable<bool> ring_membership::begin() {
  progress_.waiting_for = "joining the overlay";
  memory_.load();
  if (!configuration_.node.first) co_return false;
  signs_of_others signs{memory_.members().has_value(), has_records(configuration_), {}};
  if (!signs.member) signs.places = co_await places_.find(false);
  const auto why_not = why_no_new_ring(signs);
  if (!why_not) co_return true;
  if (signs.member) co_return false;  // it says itself whom it waits for
  log_.warning(
      "node.first starts no second ring: {}. This node joins the ring that there is; if there is none any more, "
      "`supernode overlay form` has it formed again from here",
      *why_not);
  co_return false;
}

core::awaitable<void> ring_membership::join(overlay::peer& p) {
  peer_ = &p;
  core::backoff pause(env_, std::chrono::milliseconds(200), join_pause_longest);
  for (bool first_attempt = true;; first_attempt = false) {  // ends joined, or by cancellation
    const auto places = co_await places_.find(!first_attempt);
    auto candidates = candidates_of(configuration_, places);
    const auto joined = co_await p.join(std::move(candidates), env_.now() + join_attempt);
    if (joined) co_return;
    progress_.waiting_for = "joining the overlay: " + joined.error().message();
    log_.warning("not joined yet: {}", joined.error().message());
    const auto span = pause.next();
    co_await core::sleep_for(env_, span);
  }
}

core::status ring_membership::form() {
  if (ordinary()) return core::fail(errc::refused, "an ordinary node is no part of a ring");
  if (progress_.state != node_state::joining) return core::fail(errc::refused, "the node is part of the ring of its overlay, or drains");
  if (peer_ == nullptr) return core::fail(errc::refused, "not yet: " + progress_.waiting_for);
  log_.warning("told to form the ring from here, without those that it knew");
  memory_.forget();
  meant_alone_ = true;
  peer_->form();
  return {};
}

bool ring_membership::alone() const {
  if (progress_.state != node_state::ready || ordinary()) return false;
  return leaf_set_of(peer_->status()).empty();
}

bool ring_membership::lost_others() const { return alone() && memory_.others_known() && !meant_alone_; }

bool ring_membership::cut_off() const {
  if (progress_.state == node_state::joining) return true;
  if (progress_.state != node_state::ready) return false;
  const auto status = peer_->status();
  return status.client ? status.attachments.empty() : alone() || status.state == overlay::peer_state::joining;
}

std::string ring_membership::apart() const {
  if (progress_.state == node_state::joining) return "the login server is not in the ring yet: " + progress_.waiting_for;
  if (progress_.state != node_state::ready) return "the login server drains";
  if (lost_others()) return "the login server is alone: none of the other nodes is in the ring with it";
  return {};
}

core::awaitable<void> ring_membership::look_for_others() {
  while (true) {  // ends by cancellation
    if (ordinary()) {
      co_await look_for_supernodes();
    } else {
      co_await look_for_parts();
    }
  }
}

// Who has lost all supernodes asks the document, the local network and the bootstrap servers, beside trying those that it knew.
core::awaitable<void> ring_membership::look_for_supernodes() {
  co_await core::sleep_for(env_, core::random_between(env_, look_for_supernodes_every / 2, look_for_supernodes_every));
  if (!is_cut_off(peer_->status())) co_return;
  const auto places = co_await places_.find(true);
  peer_->seek(candidates_of(configuration_, places));
}

// Two rings of one overlay, by whatever they came to be, become one when one node of one hears of one of the other.
core::awaitable<void> ring_membership::look_for_parts() {
  const auto status = peer_->status();
  const auto leafs = leaf_set_of(status).size();
  core::duration every = leafs < status.leaf_set.size ? seek_every : seek_beyond_leaf_set_every;
  if (leafs == 0) every = seek_alone_every;
  co_await core::sleep_for(env_, core::random_between(env_, every / 2, every));
  auto places = co_await places_.find(leafs == 0);
  places = without_linked(std::move(places), peer_->status());
  if (places.empty() || ordinary()) co_return;  // it may have become so meanwhile
  peer_->seek(candidates_of(configuration_, {places[core::random_u64(env_) % places.size()]}));
}

// The peer hands over for as long as it takes, we wait for as long as we may.
core::awaitable<void> ring_membership::leave(core::time_point deadline) {
  core::mailbox<bool> left(env_, 1);
  core::task_scope leaving(env_);
  leaving.spawn(leave_and_tell(*peer_, left));
  const auto done = co_await left.receive(deadline);
  if (!done) log_.warning("others had not synced everything when the time to leave was over");
  leaving.cancel();
  co_await leaving.join();
}

}  // namespace phyllo::node
