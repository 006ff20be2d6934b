// The ports of a node of one overlay: the host with its links, and who takes what else comes to them, SIP or the pages of web_site.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "admin/admin.hpp"
#include "admin/web_site.hpp"
#include "assembly/sip_side.hpp"
#include "files/debug_files.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/enrollment/login_server.hpp"
#include "phyllo/identity/trust.hpp"
#include "phyllo/node/configuration.hpp"
#include "phyllo/transport/host.hpp"

namespace phyllo::node {

class node_ports final {
 public:
  // Who serves at them; all outlive this.
  struct servers {
    sip_side& sip;
    enrollment::login_server* login;  // null: not the login server
    enrollment::bootstrap_server& bootstrap;
    std::function<health()> healthz;
  };
  // References outlive it.
  // `shards`: how many hosts of the node share the ports, of which this is the first.
  node_ports(core::environment& env, const configuration& c, const identity::trust& trust, core::metrics& m, const core::logger& log,
             unsigned shards);

  [[nodiscard]] debug_files& debug() noexcept { return debug_; }
  // From then on others may come. transport's errors; disk's io, of debug.keylog.
  core::status open(transport::web_certificate web, const servers& s);
  [[nodiscard]] transport::host& host() noexcept { return *host_; }                   // of open ports
  [[nodiscard]] const std::string& web_chain() const noexcept { return web_chain_; }  // PEM of the web certificate in use
  [[nodiscard]] core::awaitable<transport::http_response> page(transport::http_request r) { return site_->answer(std::move(r)); }
  // Hears the secrets of connections; empty: nobody wants to.
  [[nodiscard]] const std::function<void(std::string_view)>& key_log() const noexcept { return key_log_; }
  // Connections that are for another one of those hosts; empty: there is none now.
  using passer = std::function<void(unsigned shard, transport::moved_connection c)>;
  void pass_on_by(passer p) { pass_on_ = std::move(p); }
  void take_settings(transport::web_certificate web);  // of a configuration that has changed
  core::awaitable<void> stop();                        // before destruction

 private:
  void open_site(const servers& s);
  // Who takes what comes to the ports; null: nobody.
  void serve_with(sip_side* sip, web_site* site);

  core::environment& env_;
  const configuration& configuration_;
  const identity::trust& trust_;
  core::metrics& metrics_;
  core::logger log_;
  unsigned shards_;
  passer pass_on_;
  debug_files debug_;
  std::string web_chain_;
  std::function<void(std::string_view)> key_log_;
  std::unique_ptr<transport::host> host_;
  std::unique_ptr<web_site> site_;
};

}  // namespace phyllo::node
