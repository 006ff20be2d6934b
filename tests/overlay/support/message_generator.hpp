// Valid RELOAD structures at random, of one seed: what property tests read back, fuzzing starts from, and tshark reads.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "kinds/redir_provider.hpp"
#include "kinds/resource_key.hpp"
#include "kinds/sip_registration.hpp"
#include "kinds/turn_server.hpp"
#include "pastry/topology_messages.hpp"
#include "reload/attach_message.hpp"
#include "reload/config_update_message.hpp"
#include "reload/diagnostic_messages.hpp"
#include "reload/forwarding_header.hpp"
#include "reload/message.hpp"
#include "storage/fetch_message.hpp"
#include "storage/storage_extension.hpp"
#include "storage/store_message.hpp"
#include "storage/sync_message.hpp"

namespace phyllo::testing {

class message_generator {
 public:
  explicit message_generator(std::uint64_t seed);

  // What Wireshark 4.0 can not read; tests/acceptance/dissect.py says how.
  bool keyed_fetches = true;
  bool absent_values = true;

  std::uint64_t number(std::uint64_t max) { return std::uniform_int_distribution<std::uint64_t>(0, max)(random_); }
  std::uint64_t any() { return random_(); }
  bool coin() { return number(1) == 1; }
  core::bytes bytes(std::size_t max);
  std::string text(std::size_t max);  // letters and digits
  template <class T>
  T one_of(std::initializer_list<T> of) {
    return *(of.begin() + static_cast<std::ptrdiff_t>(number(of.size() - 1)));
  }

  overlay::node_id id();
  std::vector<overlay::node_id> ids(std::size_t max);
  overlay::destination destination();
  overlay::destination_list route(std::size_t max);  // Node-IDs, at least one
  overlay::forwarding_header header(bool request);
  transport::endpoint endpoint();

  overlay::places places(std::size_t max);
  overlay::place_list named(std::size_t nodes);
  overlay::leaf_set_state state();
  std::vector<overlay::table_row> rows();
  overlay::membership_request membership() { return {id(), state()}; }
  overlay::update_request update();
  overlay::route_query_request route_query();
  overlay::route_query_answer route_query_answer();

  overlay::ice_candidate candidate();
  overlay::application_offer offer();
  overlay::attach_message attach();
  overlay::config_update_request config_update();
  std::vector<overlay::diagnostic> diagnostics();
  overlay::path_track_request path_track();
  overlay::path_track_answer path_track_answer();
  overlay::probe_answer probe_answer();

  const overlay::kind& kind();
  overlay::sip_registration registration();
  overlay::redir_provider provider();
  overlay::turn_server turn() { return {static_cast<std::uint8_t>(1 + number(19)), endpoint()}; }
  overlay::resource_key resource_key();
  overlay::record record(const overlay::name& n);
  identity::signature signature();
  std::vector<overlay::signed_grant> grants(std::size_t most);
  overlay::stored_data value(const overlay::kind& k);
  overlay::store_request store();
  overlay::store_answer store_answer();
  overlay::fetch_request fetch();
  overlay::fetch_answer fetch_answer();
  overlay::stat_answer stat_answer();
  overlay::find_request find() { return {id(), {1, 2, 0x104, 0xF0000001}}; }
  overlay::find_answer find_answer() { return {{{1, id()}, {2, {}}, {0xF0000001, id()}}}; }
  overlay::replica_state replica_state() { return {any(), static_cast<std::uint8_t>(number(9)), ids(5), ids(3)}; }
  overlay::sync_request sync();
  overlay::sync_answer sync_answer();

  // A message of this code with everything that belongs to it. Codes of requests, answers and errors.
  overlay::message_contents contents(std::uint16_t code);
  [[nodiscard]] static const std::vector<std::uint16_t>& codes();
  [[nodiscard]] const identity::credential& self() const noexcept { return *self_; }

 private:
  core::bytes body(std::uint16_t code);
  overlay::message_contents error();

  std::mt19937_64 random_;
  std::optional<identity::authority> ca_;
  std::optional<identity::credential> self_;
};

}  // namespace phyllo::testing
