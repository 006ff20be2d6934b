// What a shard beyond the first serves: phones, by sockets of its own on the node's ports, and whoever else comes to them. It is made,
// used and destroyed on its shard; what only the first shard has it asks there.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "admin/web_site.hpp"
#include "assembly/front_doors.hpp"
#include "phyllo/core/bounded_map.hpp"
#include "phyllo/core/hop.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/overlay/overlay.hpp"
#include "phyllo/sip/service.hpp"
#include "phyllo/transport/host.hpp"

namespace phyllo::node {

// Whom the node believes, for another shard's own trust.
struct trust_state {
  std::vector<core::bytes> anchors;
  std::vector<identity::node_id> bad_nodes;
  identity::revocation_list revocations;
};

class sip_front final {
 public:
  // At the first shard: used there only, and outlives all fronts.
  struct ground {
    core::shard_door& first;
    transport::host& host;
    overlay::overlay& overlay;
    sip::secret_source secrets;
    transport::http_handler answers;  // to whatever asks for a page
    std::function<bool(const identity::node_id&)> has_failed;
  };
  // Values, that go over to its shard.
  struct settings {
    transport::host_options host;
    transport::web_certificate web;
    std::shared_ptr<const identity::credential> credential;
    sip::service_options sip;
    transport::websocket_options phones;
    trust_state trust;
    std::shared_ptr<const std::set<asio::ip::address>> supernodes;
    std::string overlay;  // its name
  };
  // What others may read at any time.
  struct figures {
    std::atomic<std::size_t> bindings{0};
    std::atomic<std::size_t> calls{0};
    std::atomic<std::size_t> transactions{0};
  };

  // References outlive it.
  sip_front(core::shard_door& own, const ground& g, const std::string& overlay, core::metrics& m, core::logger log);
  core::status open(settings s);  // errors as those of host::open
  core::awaitable<void> stop();   // before destruction

  void believe(trust_state t);
  void know(std::shared_ptr<const std::set<asio::ip::address>> supernodes) { supernodes_ = std::move(supernodes); }
  [[nodiscard]] transport::host& host() noexcept { return *host_; }
  [[nodiscard]] sip::service& service() noexcept { return *service_; }
  [[nodiscard]] const figures& told() const noexcept { return figures_; }

 private:
  struct node_state {
    bool failed = false;
    core::time_point until;
  };
  using node_table = core::bounded_map<identity::node_id, node_state>;
  core::awaitable<void> tell_figures();
  [[nodiscard]] bool has_failed(const identity::node_id& n);
  core::awaitable<core::result<std::string>> secret(std::string user, std::string algorithm, bool whole);
  core::awaitable<transport::http_response> page(transport::http_request r);

  core::shard_door& own_;
  const ground& ground_;
  core::environment& env_;
  core::metrics& metrics_;
  core::logger log_;
  identity::trust trust_;
  std::shared_ptr<const std::set<asio::ip::address>> supernodes_;
  std::shared_ptr<node_table> nodes_;  // shared with nobody: an answer that is late sees that we are gone
  figures figures_;
  std::unique_ptr<overlay::overlay> overlay_;
  std::unique_ptr<transport::host> host_;
  std::unique_ptr<front_doors> doors_;
  web_site site_;
  std::unique_ptr<sip::service> service_;
  core::task_scope tasks_;
};

}  // namespace phyllo::node
