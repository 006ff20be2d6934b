// What the command line of phyllo-load says.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "arrivals.hpp"
#include "digest_answer.hpp"
#include "thresholds.hpp"

namespace phyllo::load {

enum class transport_kind : std::uint8_t { udp, tcp, tls, ws, wss };
[[nodiscard]] constexpr bool is_stream(transport_kind k) noexcept { return k != transport_kind::udp; }
[[nodiscard]] constexpr bool is_secure(transport_kind k) noexcept { return k == transport_kind::tls || k == transport_kind::wss; }
[[nodiscard]] constexpr bool is_websocket(transport_kind k) noexcept { return k == transport_kind::ws || k == transport_kind::wss; }

struct load_options {  // how much, and what a run must hold
  double rate = 100;   // operations a second
  core::duration length = std::chrono::seconds(10);
  core::duration warm_up = std::chrono::seconds(1);
  core::duration give_up = std::chrono::seconds(32);
  std::uint64_t count = ~std::uint64_t{0};
  std::uint64_t seed = 0;
  unsigned threads = 1;
  std::size_t open_max = 200'000;
  spacing spaced = spacing::even;
  bool search = false;
  double search_most = 1e6;
  double precision = 0.05;
  std::vector<latency_limit> limits;
  std::optional<double> failed_most;
};

struct network_options {
  std::string target;
  transport_kind transport = transport_kind::udp;
  std::vector<std::string> sources;
  unsigned sockets = 1;  // of each source
  std::string ca_file;   // empty: certificates are not checked
  std::string path = "/";
};

struct sip_options {
  std::string domain = "example.com";
  std::string users_file;
  std::string user_pattern = "user{}";
  std::string password_pattern = "password";
  std::size_t users = 100;
  digest_choice digest = digest_choice::any;
  unsigned expires = 3600;
  std::vector<std::string> callee_sources;  // their sockets' addresses; empty: as the callers'
  std::string callees_file;
  std::string callee_pattern = "callee{}";
  std::string callee_password = "password";
  std::size_t callees = 1;
  bool callee_by_contact = false;
  core::duration hold{};
  std::size_t body_bytes = 100;
};

struct overlay_options {
  double reads = 0.9;  // share of operations
  std::size_t names = 1000;
  std::size_t value_bytes = 200;
};

struct output_options {
  bool json = false;
  std::string csv_file;
  std::string percentiles_file;
};

struct options {
  std::string command;  // "sip-call"
  load_options load;
  network_options network;
  sip_options sip;
  overlay_options overlay;
  output_options output;
};

}  // namespace phyllo::load
