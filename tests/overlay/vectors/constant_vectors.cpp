#include "vectors/constant_vectors.hpp"

#include "link/fragmentation.hpp"
#include "link/rtt_estimator.hpp"
#include "pastry/joiner_grant.hpp"
#include "phyllo/identity/revocation.hpp"
#include "phyllo/overlay/peer.hpp"
#include "port/reachability.hpp"
#include "reload/attach_stamp.hpp"
#include "storage/reminders.hpp"
#include "storage/replica_store.hpp"
#include "storage/storage.hpp"

namespace phyllo::testing {

using namespace overlay;

namespace {

using numbers = std::initializer_list<std::uint64_t>;

template <class Duration>
std::uint64_t seconds(Duration d) {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(d).count());
}

template <class Duration>
std::uint64_t milliseconds(Duration d) {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(d).count());
}

json row(std::string_view name, std::string_view scope, numbers values) {
  auto list = json::array();
  for (const auto v : values) list.push_back(v);
  return {{"name", name}, {"scope", scope}, {"values", list}};
}

json equal_ones() {
  const peer_options peer;
  const auto& records = phyllo::overlay::resource_kind;
  return json::array({row("k, size of a replica set", "equal", {peer.replicas}), row("b, bits of a digit", "equal", {peer.digit_bits}),
                      row("\\|L\\|, leaf set", "equal", {peer.leaf_set}),
                      row("octets of all values under one name, RESOURCE", "equal", {records.total_max}),
                      row("longest lifetime", "equal", {records.lifetime_max}),
                      row("greatest array index", "equal", {std::uint64_t{array_index_max}}),
                      row("Attach: age, either way", "equal", {seconds(attach_book::skew_max)}),
                      row("certificates are dated back by", "equal", {seconds(identity::certificates_dated_back)}),
                      row("window of a grant; wait after it", "equal", {seconds(joiner_grant::window)}),
                      row("REACH: padding, token, proof", "equal",
                          {transport::reach_padding, transport::reach_token_size, seconds(transport::reachability::proof_lifetime)})});
}

json of_the_document() {
  const identity::configuration document;
  const auto& records = phyllo::overlay::resource_kind;
  return json::array({row("initial-ttl", "document", {document.initial_ttl}),
                      row("max-message-size", "document", {document.max_message_size}),
                      row("overlay-reliability-timer", "document", {document.overlay_reliability_timer_ms}),
                      row("max-count, max-size of Kinds", "document", {records.count_max, records.size_max})});
}

json bounds() {
  using transport::reassembler;
  return json::array(
      {row("entries of a destination or via list", "bound", {destinations_max}),
       row("extensions, certificates of a message", "bound", {extensions_max, certificates_max}),
       row("Node-IDs of a list; rows; grants shown", "bound", {node_ids_max, grants_max}),
       row("places told of oneself; at addresses; of each other node", "bound", {own_places_max, hosts_of_node_max, named_places_max}),
       row("candidates of an Attach taken", "bound", {candidates_max}),
       row("reassembly: messages, octets, time of a link", "bound",
           {reassembler::messages_max, reassembler::bytes_max / 1024, seconds(reassembler::patience)})});
}

json free_ones() {
  const peer_options peer;
  const storage_options storage;
  using transport::rtt_estimator;
  return json::array(
      {row("\\|M\\|, neighborhood set", "free", {peer.neighborhood}), row("values of a Sync message", "free", {sync_bytes_max}),
       row("Tls, heartbeat to the left neighbour", "free", {seconds(peer.heartbeat)}),
       row("RTO of a link", "free",
           {milliseconds(rtt_estimator::rto_min), seconds(rtt_estimator::rto_max), milliseconds(rtt_estimator::rto_initial)}),
       row("a write's round; a write; a quorum read; a default read", "free",
           {seconds(storage.write_timeout), seconds(storage.read_timeout), seconds(storage.degraded_after)}),
       row("a confirmation of a view holds", "free", {seconds(storage.confirmed_for)}),
       row("comparison of each arc", "free", {seconds(storage.compare_every)}),
       row("reminders of one that is unsynced", "free", {seconds(reminders::every), seconds(reminders::pause_longest), reminders::at_most}),
       row("hold of a watch; most of it; watches held, of one watcher", "free",
           {storage.watches.watches_max, storage.watches.watches_per_node_max})});
}

}  // namespace

json constant_vectors() {
  auto all = equal_ones();
  for (const auto& more : {of_the_document(), bounds(), free_ones()}) all.insert(all.end(), more.begin(), more.end());
  return {{"about",
           "Constants as the code has them, by the names of the table in docs/draft-phyllo-p2psip-pastry.md, s.8, which says what they "
           "are: seconds "
           "or milliseconds, octets or KiB, in the order in which they stand there."},
          {"constants", all}};
}

}  // namespace phyllo::testing
