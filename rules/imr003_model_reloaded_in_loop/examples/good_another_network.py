"""Another network in each iteration: the loop goes through the functions that load them."""

from keras.applications import VGG16, VGG19, MobileNet, ResNet50, Xception

networks = [VGG16, VGG19, MobileNet, ResNet50, Xception]

for network in networks:
    net = network()
    net.trainable = False
    print(net.name, net.count_params())
