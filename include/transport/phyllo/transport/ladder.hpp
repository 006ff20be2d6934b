// The fallback ladder: by which rungs a node is reached where firewalls and proxies stand between, and which of them won
// in which network.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "phyllo/core/result.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/transport/host_settings.hpp"

namespace phyllo::transport {

// Best first. Only the first two have a link type, and stand in candidates.
enum class rung : std::uint8_t {
  dtls,           // DTLS on UDP, at the candidate's port (6084)
  tls,            // TLS on TCP, at the candidate's port
  https,          // TLS on TCP 443
  upgrade,        // HTTP/1.1 Upgrade on TCP 80, TLS inside
  proxy_https,    // the same three through an HTTP CONNECT proxy; most let pass 443 alone
  proxy_tls,      //
  proxy_upgrade,  //
};
inline constexpr std::size_t rungs = 7;
[[nodiscard]] std::string_view text_of(rung r) noexcept;
[[nodiscard]] std::optional<rung> rung_of(std::string_view text) noexcept;

// A proxy that answers CONNECT (RFC 9110 s.9.3.6).
struct http_proxy {
  std::string host;  // a name, or an address
  std::uint16_t port = 3128;
  std::string credentials;          // user:password, for Basic authentication (RFC 7617); empty: none
  std::vector<std::string> exempt;  // addresses that are reached without it; "*": all
  friend bool operator==(const http_proxy&, const http_proxy&) = default;

  // "http://user:password@proxy.example.com:3128", the scheme and the port at will. core::errc::malformed.
  [[nodiscard]] static core::result<http_proxy> parse(std::string_view text);
};

// What an operator can set of it: section [transport] of the configuration file.
struct ladder_settings {
  std::uint16_t https = host_ports().https;               // where others serve TLS whatever their other ports are; 0: not tried
  std::uint16_t http = host_ports().http;                 // where others answer HTTP/1.1 Upgrade; 0: not tried
  core::duration climb_first = std::chrono::seconds(15);  // until a link that is not on its best rung is tried by better ones
};

struct ladder_options : ladder_settings {
  std::optional<http_proxy> proxy;
  core::duration climb_most = 20 * climb_first;  // the longest of the growing pauses after climb_first
};

// The rung that won last, by network. Pure; its owner keeps the text on disk.
class rung_memory {
 public:
  static constexpr std::size_t networks_max = 64;  // the one seen longest ago goes first

  // Lines of "network rung seconds-since-1970"; what is no such line is skipped.
  [[nodiscard]] static rung_memory parse(std::string_view text);
  [[nodiscard]] std::string print() const;

  [[nodiscard]] std::optional<rung> winner(const std::string& network) const;
  // True: that changes what a new start would begin with. A better rung than the remembered one takes its place at once; a worse one only
  // when it has won so many times in a row, for one peer behind a firewall of its own says nothing of this network.
  static constexpr unsigned doubts_max = 3;
  bool note(const std::string& network, rung r, core::wall_time now);

 private:
  struct entry {
    rung won = rung::dtls;
    std::int64_t at = 0;  // seconds since 1970
    unsigned doubts = 0;  // worse rungs that won since; not kept on disk
  };
  std::map<std::string, entry> entries_;
};

}  // namespace phyllo::transport
