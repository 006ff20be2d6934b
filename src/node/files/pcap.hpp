// The overlay's decrypted frames as a pcap file of link type 252 (WIRESHARK_UPPER_PDU: "exported PDU"), which names the
// dissector in each packet.
#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/node/errc.hpp"
#include "phyllo/transport/endpoint.hpp"

namespace phyllo::node {

// magic (4) | major (2) | minor (2) | zone (4) | accuracy (4) | longest packet (4) | link type (4); little endian
[[nodiscard]] core::bytes pcap_file_header();

// seconds (4) | microseconds (4) | captured (4) | length (4), little endian, then the tags
// type (2) | length (2) | value, padded to 4; big endian, and the frame.
[[nodiscard]] core::bytes pcap_packet(const transport::endpoint& from, const transport::endpoint& to, transport::link_kind kind,
                                      core::byte_view frame, core::wall_time at);

// Gathers packets and writes them at flush(). A packet over what a second should hold is written at once.
class pcap_writer {
 public:
  [[nodiscard]] static core::result<std::unique_ptr<pcap_writer>> open(const std::string& path);  // truncates; disk's io

  void add(core::byte_view packet);
  void flush();
  // What comes from now on goes to the file of the same name: a new one where somebody has moved the old one away, or behind what is in it.
  // disk's io: it goes where it went.
  core::status reopen();

 private:
  struct closer {
    void operator()(std::FILE* f) const { std::fclose(f); }
  };
  explicit pcap_writer(std::string path) : path_(std::move(path)) {}
  core::status open_file(int flags);

  std::string path_;
  std::unique_ptr<std::FILE, closer> file_;
};

}  // namespace phyllo::node
