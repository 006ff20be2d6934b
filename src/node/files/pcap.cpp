#include "files/pcap.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <string_view>

#include "phyllo/disk/descriptor.hpp"
#include "phyllo/disk/private_file.hpp"

namespace phyllo::node {
namespace {

constexpr std::uint32_t link_type = 252;
constexpr std::uint32_t packet_bytes_max = 262144;
constexpr std::size_t buffer_bytes = 1024 * 1024;
constexpr std::string_view dissector = "reload-framing";

// Tags of Wireshark's epan/exported_pdu.h.
enum tag : std::uint16_t {
  end = 0,
  dissector_name = 12,
  ipv4_source = 20,
  ipv4_destination = 21,
  ipv6_source = 22,
  ipv6_destination = 23,
  port_type = 24,
  source_port = 25,
  destination_port = 26
};
constexpr std::uint32_t port_type_tcp = 2;
constexpr std::uint32_t port_type_udp = 3;

void little16(core::bytes& out, std::uint16_t v) {
  out.push_back(static_cast<std::uint8_t>(v));
  out.push_back(static_cast<std::uint8_t>(v >> 8));
}

void little32(core::bytes& out, std::uint32_t v) {
  little16(out, static_cast<std::uint16_t>(v));
  little16(out, static_cast<std::uint16_t>(v >> 16));
}

void big16(core::bytes& out, std::size_t v) {
  out.push_back(static_cast<std::uint8_t>(v >> 8));
  out.push_back(static_cast<std::uint8_t>(v));
}

void put_tag(core::bytes& out, std::uint16_t type, core::byte_view value) {
  const auto padded = (value.size() + 3) / 4 * 4;
  big16(out, type);
  big16(out, padded);
  core::append(out, value);
  out.insert(out.end(), padded - value.size(), 0);
}

void put_tag(core::bytes& out, std::uint16_t type, std::uint32_t value) {
  big16(out, type);
  big16(out, 4);
  big16(out, value >> 16);
  big16(out, value & 0xffff);
}

void put_address(core::bytes& out, const asio::ip::address& a, std::uint16_t v4_tag, std::uint16_t v6_tag) {
  if (a.is_v4()) {
    put_tag(out, v4_tag, core::byte_view(a.to_v4().to_bytes()));
  } else {
    put_tag(out, v6_tag, core::byte_view(a.to_v6().to_bytes()));
  }
}

}  // namespace

core::bytes pcap_file_header() {
  core::bytes out;
  little32(out, 0xa1b2c3d4);  // microseconds
  little16(out, 2);
  little16(out, 4);
  little32(out, 0);
  little32(out, 0);
  little32(out, packet_bytes_max);
  little32(out, link_type);
  return out;
}

core::bytes pcap_packet(const transport::endpoint& from, const transport::endpoint& to, transport::link_kind kind, core::byte_view frame,
                        core::wall_time at) {
  core::bytes pdu;
  put_tag(pdu, dissector_name, core::as_bytes(dissector));
  put_address(pdu, from.address, ipv4_source, ipv6_source);
  put_address(pdu, to.address, ipv4_destination, ipv6_destination);
  put_tag(pdu, port_type, kind == transport::link_kind::dtls ? port_type_udp : port_type_tcp);
  put_tag(pdu, source_port, std::uint32_t{from.port});
  put_tag(pdu, destination_port, std::uint32_t{to.port});
  put_tag(pdu, end, core::byte_view());
  core::append(pdu, frame);

  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(at.time_since_epoch()).count();
  core::bytes out;
  little32(out, static_cast<std::uint32_t>(us / 1'000'000));
  little32(out, static_cast<std::uint32_t>(us % 1'000'000));
  little32(out, static_cast<std::uint32_t>(pdu.size()));
  little32(out, static_cast<std::uint32_t>(pdu.size()));
  core::append(out, pdu);
  return out;
}

core::result<std::unique_ptr<pcap_writer>> pcap_writer::open(const std::string& path) {
  std::unique_ptr<pcap_writer> writer(new pcap_writer(path));
  if (auto opened = writer->open_file(O_TRUNC); !opened) return core::fail(opened.error());
  return writer;
}

core::status pcap_writer::reopen() {
  flush();
  return open_file(0);
}

core::status pcap_writer::open_file(int flags) {
  const auto fd = disk::open_private(path_, O_APPEND | flags);
  struct stat found{};
  const bool empty = fd >= 0 && ::fstat(fd, &found) == 0 && found.st_size == 0;
  auto* file = fd < 0 ? nullptr : ::fdopen(fd, "ab");
  if (file == nullptr) return disk::io_error(path_, "cannot be written");
  std::setvbuf(file, nullptr, _IOFBF, buffer_bytes);
  file_.reset(file);
  if (empty) add(pcap_file_header());
  flush();
  return {};
}

void pcap_writer::add(core::byte_view packet) { std::fwrite(packet.data(), 1, packet.size(), file_.get()); }
void pcap_writer::flush() { std::fflush(file_.get()); }

}  // namespace phyllo::node
