# seeds.md 3.5.4, 1: a on .2, b and c on .3.
./5gdeploy/virt --ctrlif=eth0 \
  --vm='a | 192.168.60.2(10-19) | vmctrl@eth0,n6@enp26s0f1' \
  --vm='b | 192.168.60.3(10-19) | vmctrl@eth0,n6@enp26s0f1' \
  --vm='c | 192.168.60.3(20-29) | vmctrl@eth0,n6@enp26s0f1'
