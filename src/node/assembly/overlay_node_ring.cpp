// How a node finds the ring of its overlay, remembers it, and finds parts of it that have come apart.
#include <algorithm>
#include <filesystem>
#include <set>

#include "assembly/enrolment.hpp"
#include "assembly/overlay_node.hpp"
#include "assembly/ring_search.hpp"
#include "files/known_peers.hpp"
#include "phyllo/core/backoff.hpp"
#include "settings/ladder_settings.hpp"

namespace phyllo::node {
namespace {

constexpr auto join_attempt = std::chrono::seconds(30);
constexpr auto join_pause_longest = std::chrono::seconds(5);  // who waits for others must be there when they come
constexpr auto list_within = std::chrono::seconds(3);
constexpr auto list_lasts = std::chrono::seconds(10);
constexpr auto local_answers_within = std::chrono::milliseconds(300);
constexpr auto keep_ring_every = std::chrono::seconds(20);
constexpr auto keep_ring_after = std::chrono::seconds(1);  // changes come together
// Until a place of the overlay that is not linked is tried. Of a large ring most are not, and the plug-in looks for what it has lost.
constexpr auto seek_alone_every = std::chrono::seconds(4);
constexpr auto seek_every = std::chrono::seconds(20);
constexpr auto seek_beyond_leaf_set_every = std::chrono::minutes(4);
constexpr core::duration look_for_supernodes_every = std::chrono::seconds(4);
constexpr std::uintmax_t empty_record_file_max = 512;  // its head alone is shorter

std::vector<transport::endpoint> endpoints_of(const std::vector<identity::bootstrap_node>& nodes) {
  std::vector<transport::endpoint> out;
  for (const auto& n : nodes) {
    asio::error_code not_an_address;
    const auto address = asio::ip::make_address(n.address, not_an_address);
    if (!not_an_address) out.push_back({address, n.port});
  }
  return out;
}

std::set<identity::node_id> leaf_set_of(const overlay::peer_status& s) {
  std::set<identity::node_id> out(s.leaf_set.left.begin(), s.leaf_set.left.end());
  out.insert(s.leaf_set.right.begin(), s.leaf_set.right.end());
  return out;
}

bool has_records(const configuration& c) {
  if (c.overlay.records_file.empty()) return false;
  std::error_code no_such_file;
  const auto size = std::filesystem::file_size(c.in_data_directory(c.overlay.records_file), no_such_file);
  return !no_such_file && size > empty_record_file_max;
}

}  // namespace

// Those that a bootstrap server has links to.
core::awaitable<std::vector<transport::endpoint>> overlay_node::listed_supernodes() {
  const auto urls = configuration_.bootstrap.urls;  // a reload may change them meanwhile
  for (const auto& url : urls) {
    auto options = client_options_of(configuration_, time_listener());
    if (!options) break;
    const auto list = co_await enrollment::fetch_supernodes(env_, std::move(*options), url, trust_, env_.now() + list_within);
    if (list) co_return endpoints_of(list->nodes);
    log_.debug("{}", list.error().message());
  }
  co_return std::vector<transport::endpoint>();
}

// Of those in this node's tables: others that are linked may be ordinary nodes. One entry each, where it was heard. Anybody may ask, so it
// is not made and signed for each.
std::string overlay_node::supernode_list() {
  if (!enrolled_ || peer_ == nullptr) return {};
  if (!listed_.empty() && env_.now() < listed_until_) return listed_;
  enrollment::supernode_list l{configuration_.overlay.name, env_.wall_now(), {}};
  const auto own = own_endpoint(configuration_);
  if (!own.address.is_unspecified()) l.nodes.push_back({own.address.to_string(), own.port});
  const auto status = peer_->status();
  auto members = leaf_set_of(status);
  for (const auto& e : status.routing_table) members.insert(e.node);
  for (const auto& link : status.links) {
    if (!members.contains(link.node)) continue;
    if (!link.listens.empty()) l.nodes.push_back({link.listens.front().address.to_string(), link.listens.front().port});
  }
  listed_ = enrollment::print(l, *enrolled_);
  listed_until_ = env_.now() + list_lasts;
  return listed_;
}

// Of the document, of earlier, and of the local network: tried together, a few of each first. Who got nowhere by those asks for more.
core::awaitable<std::vector<transport::endpoint>> overlay_node::places_of_others(bool ask_for_lists) {
  places_said said;
  said.document = endpoints_of(document_->content.bootstrap_nodes);
  said.remembered = load_known_peers(configuration_);
  if (discovery_) said.discovered = co_await discovery_->ask(local_answers_within);
  if (ask_for_lists) said.listed = co_await listed_supernodes();
  co_return places_to_try(said, own_endpoint(configuration_));
}

// node.first starts an overlay that has never been: as soon as anything says that others are or were part of it, a second ring beside
// theirs would be the worst that could happen.
core::awaitable<bool> overlay_node::starts_overlay() {
  if (!configuration_.node.first) co_return false;
  signs_of_others signs{members_kept_.has_value(), has_records(configuration_), {}};
  if (!signs.member) signs.places = co_await places_of_others(false);
  const auto why_not = why_no_new_ring(signs);
  if (!why_not) co_return true;
  if (signs.member) co_return false;  // it says itself whom it waits for
  log_.warning(
      "node.first starts no second ring: {}. This node joins the ring that there is; if there is none any more, "
      "`supernode overlay form` has it formed again from here",
      *why_not);
  co_return false;
}

core::awaitable<void> overlay_node::join() {
  waiting_for_ = "joining the overlay";
  auto kept = load_known_members(configuration_);
  if (!kept) log_.warning("{}", kept.error().message());
  if (kept) members_kept_ = std::move(*kept);
  const bool first = co_await starts_overlay();
  make_peer(first);
  core::backoff pause(env_, std::chrono::milliseconds(200), join_pause_longest);
  for (bool first_attempt = true;; first_attempt = false) {  // ends joined, or by cancellation
    const auto places = co_await places_of_others(!first_attempt);
    auto candidates = candidates_of(configuration_, places);
    const auto joined = co_await peer_->join(std::move(candidates), env_.now() + join_attempt);
    if (joined) break;
    waiting_for_ = "joining the overlay: " + joined.error().message();
    log_.warning("not joined yet: {}", joined.error().message());
    const auto span = pause.next();
    co_await core::sleep_for(env_, span);
  }
  make_services();
}

core::status overlay_node::form() {
  if (configuration_.node.role == "ordinary") return core::fail(errc::refused, "an ordinary node is no part of a ring");
  if (state_ != node_state::joining) return core::fail(errc::refused, "the node is part of the ring of its overlay, or drains");
  if (peer_ == nullptr) return core::fail(errc::refused, "not yet: " + waiting_for_);
  log_.warning("told to form the ring from here, without those that it knew");
  members_kept_.emplace();
  meant_alone_ = true;
  peer_->form();
  return {};
}

bool overlay_node::alone() const {
  if (state_ != node_state::ready || configuration_.node.role == "ordinary") return false;
  return leaf_set_of(peer_->status()).empty();
}

// What a later start needs: whom it was with, and where they are. At once: it may be stopped at any time.
core::awaitable<void> overlay_node::keep_ring() {
  known_members members(members_kept_.value_or(std::vector<identity::node_id>()), env_.now());
  peer_->observe_members([this] { ring_changed_.push(true); });
  while (true) {  // ends by cancellation
    const auto status = peer_->status();
    if (const auto kept = save_known_peers(configuration_, status); !kept) log_.warning("{}", kept.error().message());
    others_known_ = !load_known_peers(configuration_).empty();
    if (!status.client) {
      const auto now_in = leaf_set_of(status);
      members.see({now_in.begin(), now_in.end()}, env_.now());
      if (members_kept_ != members.all()) {
        members_kept_ = members.all();
        if (const auto kept = save_known_members(configuration_, *members_kept_); !kept) log_.warning("{}", kept.error().message());
      }
    }
    (void)co_await ring_changed_.receive(env_.now() + keep_ring_every);
    co_await core::sleep_for(env_, keep_ring_after);
  }
}

// Who has lost all supernodes asks the document, the local network and the bootstrap servers, beside trying those that it knew.
core::awaitable<void> overlay_node::look_for_supernodes() {
  while (true) {  // ends by cancellation
    co_await core::sleep_for(env_, core::random_between(env_, look_for_supernodes_every / 2, look_for_supernodes_every));
    if (!is_cut_off(peer_->status())) continue;
    const auto places = co_await places_of_others(true);
    peer_->seek(candidates_of(configuration_, places));
  }
}

// Two rings of one overlay, by whatever they came to be, become one when one node of one hears of one of the other.
core::awaitable<void> overlay_node::look_for_others() {
  while (true) {  // ends by cancellation
    auto status = peer_->status();
    const auto leafs = leaf_set_of(status).size();
    core::duration every = leafs < status.leaf_set.size ? seek_every : seek_beyond_leaf_set_every;
    if (leafs == 0) every = seek_alone_every;
    co_await core::sleep_for(env_, core::random_between(env_, every / 2, every));
    auto places = co_await places_of_others(leafs == 0);
    status = peer_->status();
    std::set<transport::endpoint> linked;
    for (const auto& l : status.links) {
      linked.insert(l.address);
      linked.insert(l.listens.begin(), l.listens.end());
    }
    std::erase_if(places, [&](const auto& p) { return linked.contains(p); });
    if (places.empty()) continue;
    peer_->seek(candidates_of(configuration_, {places[core::random_u64(env_) % places.size()]}));
  }
}

}  // namespace phyllo::node
