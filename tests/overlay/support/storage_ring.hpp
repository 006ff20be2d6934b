// N storages on the simulated clock, in a ring that an oracle keeps: delays, losses, kills, partitions, joins and leaves
// over the very seam that the peer implements. Routing is the shortest that the nodes' knowledge gives.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "phyllo/core/metrics.hpp"
#include "phyllo/core/task_scope.hpp"
#include "storage/storage.hpp"
#include "support/memory_record_file.hpp"
#include "support/simulated_world.hpp"

namespace phyllo::testing {

class storage_ring {
 public:
  struct options {
    unsigned replicas = 5;
    std::size_t leaf_set = 32;
    core::duration delay_min = std::chrono::milliseconds(2), delay_max = std::chrono::milliseconds(20);  // one way
    core::duration suspected_after = std::chrono::milliseconds(300);
    core::duration failed_after = std::chrono::milliseconds(2000);
    double loss = 0;     // of announcements and reminders (links repair the loss of all else)
    bool files = false;  // each node keeps what it holds
  };

  storage_ring(std::size_t count, options o, std::uint64_t seed = 1);
  storage_ring(std::size_t count, std::uint64_t seed = 1) : storage_ring(count, options{}, seed) {}
  ~storage_ring();

  simulated_world world;

  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] overlay::storage& at(std::size_t i);
  [[nodiscard]] const identity::credential& credential(std::size_t i) const;
  [[nodiscard]] const overlay::node_id& id(std::size_t i) const;
  [[nodiscard]] core::metrics& metrics(std::size_t i);
  [[nodiscard]] bool alive(std::size_t i) const;
  // Nodes in order of nearness to a key, living ones only.
  [[nodiscard]] std::vector<std::size_t> nearest(const overlay::resource_id& key) const;

  // Node i writes as user<i>@example.com, with authority for example.com. All run to their end.
  core::result<overlay::outcome> get(std::size_t i, const std::string& name, bool quorum = false);
  core::result<overlay::outcome> add(std::size_t i, const std::string& name, const std::string& value,
                                     std::chrono::seconds lifetime = std::chrono::hours(1));
  core::result<overlay::outcome> update(std::size_t i, const std::string& name, const std::string& value,
                                        std::chrono::seconds lifetime = std::chrono::hours(1));
  core::result<overlay::outcome> remove(std::size_t i, const std::string& name);
  // A request of node `from` straight to node `to`, as the peer would hand it over.
  overlay::message_contents request(std::size_t from, std::size_t to, overlay::message_contents m);
  overlay::message_contents request_as(const identity::credential& signer, std::size_t to, overlay::message_contents m);
  core::bytes sync(std::size_t from, std::size_t to, core::bytes body);

  void set_skew(std::size_t i, core::duration skew);  // of a node's clock
  std::size_t join();                                 // the index of a new node
  void leave(std::size_t i);                          // hands over first
  void kill(std::size_t i);                           // without a word
  void restart(std::size_t i);                        // killed, and at once there again
  void switch_off_and_on(core::duration span);        // all killed at once; after the span they join again one after the other
  [[nodiscard]] memory_record_file& file(std::size_t i);
  void partition(const std::vector<std::size_t>& one_side);
  void heal();
  void run_for(core::duration span) { world.run_for(span); }
  bool settle(core::duration limit = std::chrono::seconds(30));                // until nothing is under-replicated
  [[nodiscard]] std::uint64_t requests() const noexcept { return requests_; }  // replicated writes and reads on the wire
  [[nodiscard]] std::uint64_t syncs() const noexcept { return syncs_; }

  identity::authority ca;
  identity::trust trust{"test.overlay"};
  [[nodiscard]] identity::credential make_credential(const std::string& user, std::vector<std::string> domains,
                                                     core::duration valid = std::chrono::hours(24 * 90));

 private:
  class node;
  friend class node;
  [[nodiscard]] bool connected(const overlay::node_id& a, const overlay::node_id& b) const;
  [[nodiscard]] core::duration random_delay();
  node* find(const overlay::node_id& id);
  void learn(node& at, const overlay::node_id& about, core::duration after);
  [[nodiscard]] bool lost();
  void lose(node& at, const overlay::node_id& about);
  void enter(node& fresh);
  template <class T>
  T finish(core::awaitable<T> task);

  options options_;
  std::mt19937_64 random_;
  std::vector<std::unique_ptr<node>> nodes_;
  std::map<overlay::node_id, int> side_;  // of a partition
  std::uint64_t requests_ = 0, syncs_ = 0;
  std::uint32_t incarnation_ = 1;
};

}  // namespace phyllo::testing
